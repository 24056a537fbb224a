/* version.h - which library this is, for a binding to check when it loads. */
#ifndef CAIRN_VERSION_H
#define CAIRN_VERSION_H

#include "status.h"

CAIRN_BEGIN

/* The version of this header. A library with another one must not be used with it. */
#define CAIRN_ABI_VERSION 1u

/** Gives the ABI version of the library; compare it with CAIRN_ABI_VERSION.
 *  Ownership: none.
 *  Threads: any.
 *  Errors: none. */
CAIRN_API uint32_t cairn_abi_version(void);

/** Gives a hash of the FlatBuffers schemas that the library was built with. A binding that was
 *  generated from other schemas must not be used with it.
 *  Ownership: none.
 *  Threads: any.
 *  Errors: none. */
CAIRN_API uint64_t cairn_schema_hash(void);

/** Checks both of the above at once, for a binding to call when it loads: `abi_version` and
 *  `schema_hash` are those that it was built with.
 *  Ownership: none.
 *  Threads: any.
 *  Errors: CAIRN_VERSION_SKEW. */
CAIRN_API cairn_status cairn_check_version(uint32_t abi_version, uint64_t schema_hash,
                                           cairn_error** error);

/** Gives the library's version, such as "0.1.0".
 *  Ownership: the text is static.
 *  Threads: any.
 *  Errors: none. */
CAIRN_API const char* cairn_version(void);

/** Counts the handles, buffers and errors that are open or not yet freed, for tests against leaks.
 *  Ownership: none.
 *  Threads: any.
 *  Errors: none. */
CAIRN_API int64_t cairn_live_objects(void);

CAIRN_END

#endif
