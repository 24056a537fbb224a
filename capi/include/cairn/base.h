/* base.h - what every header of the C API needs: types, and the marks of exported functions. */
#ifndef CAIRN_BASE_H
#define CAIRN_BASE_H

#include <stddef.h>
#include <stdint.h>

#if defined(CAIRN_STATIC)
#define CAIRN_API
#elif defined(_WIN32)
#if defined(CAIRN_BUILDING)
#define CAIRN_API __declspec(dllexport)
#else
#define CAIRN_API __declspec(dllimport)
#endif
#else
#define CAIRN_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
#define CAIRN_BEGIN extern "C" {
#define CAIRN_END }
#else
#define CAIRN_BEGIN
#define CAIRN_END
#endif

typedef struct cairn_error cairn_error;
typedef struct cairn_buffer cairn_buffer;
typedef struct cairn_database cairn_database;
typedef struct cairn_collection cairn_collection;
typedef struct cairn_cursor cairn_cursor;
typedef struct cairn_transaction cairn_transaction;
typedef struct cairn_coordinator cairn_coordinator;
typedef struct cairn_replica cairn_replica;
typedef struct cairn_view cairn_view;

#endif
