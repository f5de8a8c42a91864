package cuda

import (
	"fmt"
	"strings"

	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/torch"
)

// internals is what package torch has for this module alone.
var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// managementLibrary is NVIDIA's, which comes with its driver and tells what nvidia-smi shows.
var managementLibrary = "libnvidia-ml.so.1"

// callManagement asks that library about the device of a UUID.
func callManagement(op, method, uuid string, take func(r *torch.Results)) {
	internals.Accelerator(op, "nvml."+method, func(c *torch.Call) {
		c.String(managementLibrary)
		c.String(uuid)
	}, take)
}

// manage asks it about a device, or about the current one.
func manage(op, method string, device []torch.Device) (numbers [2]int) {
	uuid := propertiesOf(op, device).UUID
	callManagement(op, method, uuid, func(r *torch.Results) {
		numbers[0] = r.Int()
		if method == "utilization" {
			numbers[1] = r.Int()
		}
	})
	return numbers
}

// Utilization returns how many percent of the time, in the last second or a part of it, a
// device, or the current one, was computing, as nvidia-smi shows. It panics without CUDA or
// NVIDIA's management library, and where gotorch was installed without CUDA's headers, as all
// functions do that ask that library.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.utilization.html
func Utilization(device ...torch.Device) int {
	return manage("cuda.Utilization", "utilization", device)[0]
}

// MemoryUsage returns how many percent of the time, in the last second or a part of it, memory
// of a device, or of the current one, was read or written. It panics as [Utilization] does.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory_usage.html
func MemoryUsage(device ...torch.Device) int {
	return manage("cuda.MemoryUsage", "utilization", device)[1]
}

// Temperature returns how many degrees Celsius a device, or the current one, has. It panics as
// [Utilization] does.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.temperature.html
func Temperature(device ...torch.Device) int {
	return manage("cuda.Temperature", "temperature", device)[0]
}

// PowerDraw returns how many milliwatts a device, or the current one, takes. It panics as
// [Utilization] does.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.power_draw.html
func PowerDraw(device ...torch.Device) int { return manage("cuda.PowerDraw", "power", device)[0] }

// ClockRate returns at how many megahertz the multiprocessors of a device, or of the current
// one, run. It panics as [Utilization] does.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.clock_rate.html
func ClockRate(device ...torch.Device) int { return manage("cuda.ClockRate", "clock", device)[0] }

// ListGPUProcesses returns a text with the processes that compute on a device, or on the
// current one, and their memory, in Python's layout. It panics as [Utilization] does.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.list_gpu_processes.html
func ListGPUProcesses(device ...torch.Device) string {
	const op = "cuda.ListGPUProcesses"
	return processes(op, mustBe(op, device).Index(), propertiesOf(op, device).UUID)
}

// processes returns the text for the device of an index and a UUID.
func processes(op string, index int, uuid string) string {
	lines := []string{fmt.Sprintf("GPU:%d", index)}
	callManagement(op, "processes", uuid, func(r *torch.Results) {
		n := r.List() / 2
		if n == 0 {
			lines = append(lines, "no processes are running")
		}
		for range n {
			pid := r.Int()
			lines = append(lines, fmt.Sprintf("process %10d uses %12.3f MB GPU memory", pid, float64(r.Int())/(1<<20)))
		}
	})
	return strings.Join(lines, "\n")
}
