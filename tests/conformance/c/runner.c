/* The conformance corpus in strict C, every database in a file; ../README.md says how to call it.
 */
#include <ftw.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static int all_passed, all_failed;

static void run_area(const char* path) {
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
  all_passed += passed;
  all_failed += failed;
  json_object_put(corpus);
}

static void run_areas(char** paths) {
  glob_t found = {0};
  if (*paths == NULL && glob(CORPUS "/scenarios/*.json", 0, NULL, &found) == 0)
    paths = found.gl_pathv;
  for (; *paths != NULL; paths++) run_area(*paths);
  globfree(&found);
}

static void run_over_files(const char* mode, char** paths) {
  json* corpus = read_json(CORPUS "/files.json");
  for (; *paths != NULL; paths++) {
    main_file = *paths;
    bool good = run_in_folder(get(corpus, mode));
    printf("%s %s\n", *paths, good ? "passed" : "failed");
    good ? all_passed++ : all_failed++;
  }
  json_object_put(corpus);
}

int main(int count, char** arguments) {
  const char* mode = count > 1 ? arguments[1] : "";
  if (strcmp(mode, "scenarios") == 0) run_areas(arguments + 2);
  if (strcmp(mode, "write") == 0 || strcmp(mode, "read") == 0) run_over_files(mode, arguments + 2);
  printf("%d passed, %d failed\n", all_passed, all_failed);
  return all_failed == 0 && all_passed > 0 ? 0 : 1;
}
