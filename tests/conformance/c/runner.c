/* The conformance corpus in strict C, every database in a file; ../README.md documents it.
 *
 *   runner scenarios FILE.json...          every scenario of these files
 *   runner write FILES.json FILE.db        what other languages read
 *   runner read FILES.json FILE.db...      what other languages have written */
#define _XOPEN_SOURCE 700
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handles.h"
#include "steps.h"

static int remove_entry(const char* path, const struct stat* status, int flag, struct FTW* walk) {
  (void)status, (void)flag, (void)walk;
  return remove(path);
}

/* Runs steps in an empty folder of their own. */
static bool run_in_folder(json* steps) {
  char name[] = "/tmp/cairn-conformance-XXXXXX";
  folder = mkdtemp(name);
  bool passed = folder != NULL && run_steps(steps);
  nftw(name, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  return passed;
}

static json* read_json(const char* path) {
  FILE* file = fopen(path, "rb");
  if (file == NULL) {
    fprintf(stderr, "cannot read %s\n", path);
    exit(1);
  }
  fseek(file, 0, SEEK_END);
  size_t size = (size_t)ftell(file);
  char* content = malloc(size + 1);
  rewind(file);
  size = fread(content, 1, size, file);
  fclose(file);
  if (setjmp(step_end) != 0) {
    fprintf(stderr, "%s: %s\n", path, failure.message);
    exit(1);
  }
  json* corpus = json_object_get(parsed(content, size));
  release_all();
  free(content);
  return corpus;
}

static bool run_area(const char* path) {
  json* corpus = read_json(path);
  json* scenarios = get(corpus, "scenarios");
  const char* slash = strrchr(path, '/');
  const char* area = slash == NULL ? path : slash + 1;
  int name_size = (int)strcspn(area, "."), passed = 0;
  for (size_t i = 0; i < length(scenarios); i++) {
    json* scenario = item(scenarios, i);
    bool good = run_in_folder(get(scenario, "steps"));
    if (!good) printf("FAILED %.*s: %s\n", name_size, area, text(scenario, "name", ""));
    passed += good;
  }
  int failed = (int)length(scenarios) - passed;
  printf("%.*s passed %d failed %d\n", name_size, area, passed, failed);
  json_object_put(corpus);
  return failed == 0 && passed > 0;
}

static bool run_over_files(const char* mode, json* corpus, char** paths) {
  bool good = true;
  for (; *paths != NULL; paths++) {
    main_file = *paths;
    bool passed = run_in_folder(get(corpus, mode));
    printf("%s %s\n", *paths, passed ? "passed" : "failed");
    good = good && passed;
  }
  json_object_put(corpus);
  return good;
}

int main(int count, char** arguments) {
  bool good = count > 2;
  if (good && strcmp(arguments[1], "scenarios") != 0)
    return run_over_files(arguments[1], read_json(arguments[2]), arguments + 3) ? 0 : 1;
  for (int i = 2; i < count; i++) good = run_area(arguments[i]) && good;
  return good ? 0 : 1;
}
