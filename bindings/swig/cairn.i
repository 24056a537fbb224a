/* cairn.i - the C API for the languages whose bindings SWIG generates. What differs between them is
 * in a file of each language (python.i, java.i); what follows from the headers is made from them by
 * interface.py, so that a new function is in every binding without a line here.
 *
 * What every binding has in common: handles are opaque and closed once; bytes and texts go in with
 * their size, borrowed for the call; buffers come out owned; an error becomes an exception with
 * code, name, message, SQLite's code and whether it may pass; a status below 100 is a result. */
%{
#include <cairn.h>
%}

%include <stdint.i>

/* So that functions carry no marks of their export. */
#define CAIRN_STATIC

#if defined(SWIGPYTHON)
%include "python.i"
#elif defined(SWIGJAVA)
%include "java.i"
#else
#error "no typemaps for this language"
#endif

/* Callbacks would enter a language's runtime from the engine's threads, or in the midst of a call. The
 * languages here wait with cairn_wait instead of a wakeup, and open files instead of a host's SQL.
 * check_complete.py knows these two as left out. */
%ignore cairn_wakeup;
%ignore cairn_coordinator_set_wakeup;
%ignore cairn_sql_executor;
%ignore cairn_database_open_executor;

%include "cairn_headers.i"
