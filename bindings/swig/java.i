/* java.i - what cairn.i needs for Java: handles are longs (dev.cairn.internal.Handle guards them), bytes
 * in are direct buffers, texts in are arrays of UTF-8, what comes out goes into a long[1], buffers are
 * seen as direct ByteBuffers, and errors are thrown as dev.cairn.CairnException. Any thread may call the
 * functions; no engine thread ever enters the virtual machine. */

%javaconst(1);
/* Asked of the library, to be compared with what the classes were made from. */
%javaconst(0) CAIRN_ABI_VERSION;

%pragma(java) jniclassclassmodifiers = "public class"
%pragma(java) jniclasscode = %{
  static {
    dev.cairn.internal.Native.load();
  }
%}

%{
#include <stdlib.h>
#include <string.h>

static jstring cairn_java_text(JNIEnv* env, const char* text) {
  jsize size = (jsize)strlen(text);
  jbyteArray bytes = (*env)->NewByteArray(env, size);
  if (bytes == NULL) return NULL;
  (*env)->SetByteArrayRegion(env, bytes, 0, size, (const jbyte*)text);
  jclass owner = (*env)->FindClass(env, "dev/cairn/internal/Native");
  if (owner == NULL) return NULL;
  jmethodID decode = (*env)->GetStaticMethodID(env, owner, "text", "([B)Ljava/lang/String;");
  if (decode == NULL) return NULL;
  return (jstring)(*env)->CallStaticObjectMethod(env, owner, decode, bytes);
}

/* Throws what a failed call tells; the error may be missing where memory is. */
static void cairn_java_throw(JNIEnv* env, cairn_status status, const cairn_error* error) {
  jstring message = cairn_java_text(env, cairn_error_message(error));
  jstring name = (*env)->ExceptionCheck(env) ? NULL : cairn_java_text(env, cairn_status_name(status));
  if ((*env)->ExceptionCheck(env)) return;
  jclass type = (*env)->FindClass(env, "dev/cairn/CairnException");
  if (type == NULL) return;
  jmethodID make = (*env)->GetMethodID(env, type, "<init>",
                                       "(ILjava/lang/String;Ljava/lang/String;IZ)V");
  if (make == NULL) return;
  jobject thrown = (*env)->NewObject(env, type, make, (jint)status, name, message,
                                     (jint)cairn_error_sqlite_code(error),
                                     (jboolean)(cairn_error_retryable(error) != 0));
  if (thrown != NULL) (*env)->Throw(env, (jthrowable)thrown);
}

static void cairn_java_put(JNIEnv* env, jlongArray out, jlong value) {
  if (out != NULL) (*env)->SetLongArrayRegion(env, out, 0, 1, &value);
}
%}

/* --- handles: longs, 0 for null --- */

%define CAIRN_JAVA_POINTER(TYPE)
%typemap(jni) TYPE*, const TYPE* "jlong"
%typemap(jtype) TYPE*, const TYPE* "long"
%typemap(jstype) TYPE*, const TYPE* "long"
%typemap(javain) TYPE*, const TYPE* "$javainput"
%typemap(javaout) TYPE*, const TYPE* { return $jnicall; }
%typemap(in) TYPE*, const TYPE* %{ $1 = ($1_ltype)(intptr_t)$input; %}
%typemap(out) TYPE*, const TYPE* %{ $result = (jlong)(intptr_t)$1; %}
%enddef

/* --- what a function opens or gives: into a long[1] --- */

%define CAIRN_JAVA_OUT(TYPE)
%typemap(jni) TYPE* "jlongArray"
%typemap(jtype) TYPE* "long[]"
%typemap(jstype) TYPE* "long[]"
%typemap(javain) TYPE* "$javainput"
%typemap(in) TYPE* (TYPE value = 0) %{ $1 = &value; %}
%typemap(argout) TYPE* %{ cairn_java_put(jenv, $input, (jlong)(intptr_t)*$1); %}
%enddef

/* For each handle of the headers, by interface.py. dev.cairn.internal.Handle calls CLOSE. */
%define CAIRN_HANDLE(TYPE, CLOSE)
CAIRN_JAVA_POINTER(TYPE)
CAIRN_JAVA_OUT(TYPE*)
%enddef

CAIRN_JAVA_POINTER(cairn_error)
CAIRN_JAVA_POINTER(cairn_buffer)
CAIRN_JAVA_OUT(cairn_buffer*)
CAIRN_JAVA_OUT(uint64_t)
CAIRN_JAVA_OUT(uint32_t)
CAIRN_JAVA_OUT(size_t)
CAIRN_JAVA_OUT(const void*)
CAIRN_JAVA_OUT(const char*)

/* --- errors: thrown --- */

%typemap(in, numinputs = 0) cairn_error** (cairn_error* failure = NULL) %{ $1 = &failure; %}
%typemap(argout) cairn_error** %{
  if (result >= CAIRN_INVALID_ARGUMENT) cairn_java_throw(jenv, result, *$1);
  cairn_error_free(*$1);
%}

/* --- bytes in: a direct buffer from its first byte to its capacity; null for none --- */

%typemap(jni) (const uint8_t* BYTES, size_t SIZE) "jobject"
%typemap(jtype) (const uint8_t* BYTES, size_t SIZE) "java.nio.ByteBuffer"
%typemap(jstype) (const uint8_t* BYTES, size_t SIZE) "java.nio.ByteBuffer"
%typemap(javain) (const uint8_t* BYTES, size_t SIZE) "dev.cairn.internal.Native.whole($javainput)"
%typemap(in) (const uint8_t* BYTES, size_t SIZE) %{
  $1 = $input == NULL ? NULL : (uint8_t*)(*jenv)->GetDirectBufferAddress(jenv, $input);
  $2 = $input == NULL ? 0 : (size_t)(*jenv)->GetDirectBufferCapacity(jenv, $input);
%}

/* --- texts in: UTF-8 --- */

%typemap(jni) (const char* TEXT, size_t SIZE) "jbyteArray"
%typemap(jtype) (const char* TEXT, size_t SIZE) "byte[]"
%typemap(jstype) (const char* TEXT, size_t SIZE) "byte[]"
%typemap(javain) (const char* TEXT, size_t SIZE) "$javainput"
%typemap(in) (const char* TEXT, size_t SIZE) %{
  $1 = NULL;
  $2 = $input == NULL ? 0 : (size_t)(*jenv)->GetArrayLength(jenv, $input);
  if ($2 != 0) {
    $1 = (char*)malloc($2);
    if ($1 == NULL) {
      cairn_java_throw(jenv, CAIRN_OUT_OF_MEMORY, NULL);
      return $null;
    }
    (*jenv)->GetByteArrayRegion(jenv, $input, 0, (jsize)$2, (jbyte*)$1);
  }
%}
%typemap(freearg) (const char* TEXT, size_t SIZE) %{ free($1); %}

/* --- texts out --- */

%typemap(out) const char* %{ $result = $1 == NULL ? NULL : cairn_java_text(jenv, $1); %}

/* --- the bytes of a buffer, while it is not freed --- */

%typemap(jni) const uint8_t* cairn_buffer_data "jobject"
%typemap(jtype) const uint8_t* cairn_buffer_data "java.nio.ByteBuffer"
%typemap(jstype) const uint8_t* cairn_buffer_data "java.nio.ByteBuffer"
%typemap(javaout) const uint8_t* cairn_buffer_data { return $jnicall; }
%typemap(out) const uint8_t* cairn_buffer_data %{
  $result = $1 == NULL ? NULL
                       : (*jenv)->NewDirectByteBuffer(jenv, (void*)$1, (jlong)cairn_buffer_size(arg1));
%}

/* Numbers of 64 bits without a sign are longs with the same bits. */
%typemap(jni) uint64_t "jlong"
%typemap(jtype) uint64_t "long"
%typemap(jstype) uint64_t "long"
%typemap(javain) uint64_t "$javainput"
%typemap(javaout) uint64_t { return $jnicall; }
%typemap(in) uint64_t %{ $1 = (uint64_t)$input; %}
%typemap(out) uint64_t %{ $result = (jlong)$1; %}
