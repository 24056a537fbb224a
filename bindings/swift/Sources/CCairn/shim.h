/* The C API as pkg-config finds it. */
#include <cairn.h>
