// Trampolines: functions with the shim's names that jump through a table, which
// cgotorch_open fills from a shared library. All three come from one list.
#include "trampolines.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static struct {
#define CTORCH_FUNCTION(result, name, parameters, arguments) result(*name) parameters;
#include "shim/functions.h"
#undef CTORCH_FUNCTION
} table;

#define CTORCH_FUNCTION(result, name, parameters, arguments)                                                           \
  result name parameters { return table.name arguments; }
#include "shim/functions.h"
#undef CTORCH_FUNCTION

// Go's function for the shim's callbacks, in callback.go.
extern void cgotorchCallback(uint64_t function, uint64_t* words, int32_t count, uint64_t scope, ctorch_reply* reply);

// How many callbacks the thread is in, and how many there may be. C's stacks do not
// grow as Go's do, and Python has the same bound.
static __thread int callbacks = 0;
static const int most_callbacks = 1000;

static bool enter_go(uint64_t function, uint64_t* words, int32_t count, uint64_t scope, ctorch_reply* reply) {
  if (callbacks >= most_callbacks) return false;
  ++callbacks;
  cgotorchCallback(function, words, count, scope, reply);
  --callbacks;
  return true;
}

bool cgotorch_in_callback(void) { return callbacks > 0; }

static __thread int modes = 0;

bool cgotorch_modes_nest(void) {
  if (modes == 0) return false;
  ++modes;
  return true;
}

void cgotorch_modes_begin(void) { modes = 1; }

bool cgotorch_modes_end(void) { return --modes == 0; }

void cgotorch_sleep(int microseconds) { usleep(microseconds); }

int64_t cgotorch_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static __thread uint32_t devices[2];

uint32_t cgotorch_thread_device(int32_t slot) { return devices[slot]; }

uint32_t cgotorch_thread_device_set(int32_t slot, uint32_t next) {
  uint32_t before = devices[slot];
  devices[slot] = next;
  return before;
}

void cgotorch_op_call(uint64_t op, uint64_t* words, int32_t count, int32_t capacity, int32_t mode, uint64_t* status) {
  *(ctorch_status*)status = table.ctorch_op_call((ctorch_op*)op, words, count, capacity, mode);
}

ctorch_status cgotorch_op_call_go(ctorch_op* op, uint64_t* words, int32_t count, int32_t capacity, int32_t mode) {
  return table.ctorch_op_call(op, words, count, capacity, mode | CTORCH_MODE_CALLS_GO);
}

ctorch_status cgotorch_plan_run_go(ctorch_plan* plan, uint64_t* words, int32_t count, int32_t capacity) {
  return table.ctorch_plan_run(plan, words, count, capacity, true);
}

static char* say(const char* format, const char* a, const char* b) {
  size_t size = strlen(format) + strlen(a) + strlen(b) + 1;
  char* text = malloc(size);
  if (text != NULL) snprintf(text, size, format, a, b);
  return text;
}

// What one thread freed is another one's only where they share an arena of malloc, and each
// arena takes 64 MB of the address space and more. Where a process may have only so much
// of that (ulimit -v), its threads share one. A thread keeps the arena it has, so this is
// said before Go makes any.
__attribute__((constructor)) static void few_arenas(void) {
#ifdef __GLIBC__
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) mallopt(M_ARENA_MAX, 1);
#endif
}

char* cgotorch_open(const char* path, const char* id) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return say("%s%s", dlerror(), "");
  // A shim of other sources is refused before any other function is looked at.
  const char* (*its_id)(void) = (const char* (*)(void))dlsym(library, "ctorch_id");
  if (its_id == NULL) return say("%s is not a gotorch shim%s", path, "");
  if (strcmp(its_id(), id) != 0) return say("the shim was built from other sources: %s instead of %s", its_id(), id);
#define CTORCH_FUNCTION(result, name, parameters, arguments)                                                           \
  table.name = (result(*) parameters)dlsym(library, #name);                                                            \
  if (table.name == NULL) return say("%s lacks %s", path, #name);
#include "shim/functions.h"
#undef CTORCH_FUNCTION
  table.ctorch_callback_init(enter_go);
  return NULL;
}
