/* buffer.h - bytes that the library gives: aligned to 16, unchanged until they are freed. */
#ifndef CAIRN_BUFFER_H
#define CAIRN_BUFFER_H

#include "base.h"

CAIRN_BEGIN

/** Gives the first byte, at an address that is a multiple of 16.
 *  Ownership: the bytes live as long as `buffer`; null gives null.
 *  Threads: any.
 *  Errors: none. */
CAIRN_API const uint8_t* cairn_buffer_data(const cairn_buffer* buffer);

/** Gives the number of bytes.
 *  Ownership: `buffer` is borrowed; null gives 0.
 *  Threads: any.
 *  Errors: none. */
CAIRN_API size_t cairn_buffer_size(const cairn_buffer* buffer);

/** Frees a buffer.
 *  Ownership: takes `buffer`; null is allowed.
 *  Threads: any.
 *  Errors: none. */
CAIRN_API void cairn_buffer_free(cairn_buffer* buffer);

CAIRN_END

#endif
