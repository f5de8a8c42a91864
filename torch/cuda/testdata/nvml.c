// What a test takes for NVIDIA's management library: a GPU of one UUID, and a part of one.
#include <string.h>

static char gpu, part;
static int opened;

int nvmlInit_v2(void) { return ++opened == 0; }
int nvmlShutdown(void) { return --opened < 0; }
const char* nvmlErrorString(int code) { return code == 2 ? "Invalid Argument" : "Not Supported"; }

int nvmlDeviceGetHandleByUUID(const char* uuid, void** device) {
  if (opened != 1) return 1;
  *device = !strcmp(uuid, "GPU-one") ? &gpu : !strcmp(uuid, "MIG-two") ? &part : 0;
  return *device ? 0 : 2;
}

int nvmlDeviceGetUtilizationRates(void* device, unsigned* rates) {
  if (device != &gpu) return 3;
  rates[0] = 70;
  rates[1] = 30;
  return 0;
}

int nvmlDeviceGetTemperature(void* device, int sensor, unsigned* celsius) {
  *celsius = 55;
  return device != &gpu || sensor != 0;
}

int nvmlDeviceGetPowerUsage(void* device, unsigned* milliwatts) {
  *milliwatts = 123456;
  return device != &gpu;
}

int nvmlDeviceGetClockInfo(void* device, int clock, unsigned* megahertz) {
  *megahertz = 1980;
  return device != &gpu || clock != 1;
}

struct process {
  unsigned pid;
  unsigned long long bytes;
  unsigned gpu_instance, compute_instance;
};

// The whole GPU has 20 processes, more than fit at first.
int nvmlDeviceGetComputeRunningProcesses_v3(void* device, unsigned* count, struct process* list) {
  unsigned n = device == &gpu ? 20 : 0, room = *count;
  *count = n;
  if (room < n) return 7;
  for (unsigned i = 0; i < n; ++i) list[i] = (struct process){1000 + i, (i + 1ull) << 33, 0, 0};
  return 0;
}
