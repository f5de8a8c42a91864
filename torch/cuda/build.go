package cuda

import (
	"regexp"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
)

var (
	opConfig           = torch.NewOperator("gotorch_cuda::config() -> str")
	opErrorString      = torch.NewOperator("gotorch_cuda::error_string(int code) -> str")
	opSyncDebugMode    = torch.NewOperator("gotorch_cuda::sync_debug_mode() -> int")
	opSetSyncDebugMode = torch.NewOperator("gotorch_cuda::set_sync_debug_mode(int mode) -> ()")
)

// GetArchList returns the kinds of GPUs that libtorch was compiled for, such as "sm_90" and
// "compute_120"; nothing without CUDA. It panics where gotorch was installed without CUDA's
// headers.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.get_arch_list.html
func GetArchList() []string {
	if !IsAvailable() {
		return nil
	}
	r := askLibrary("cuda.GetArchList", opConfig, nil)
	return architectures(r.Text())
}

// architectures reads what libtorch tells of its build.
func architectures(config string) (list []string) {
	for _, found := range regexp.MustCompile(`code=\[?((?:\w+,?)+)`).FindAllStringSubmatch(config, -1) {
		for code := range strings.SplitSeq(found[1], ",") {
			if code != "" && !slices.Contains(list, code) {
				list = append(list, code)
			}
		}
	}
	return list
}

// GetGencodeFlags returns the flags with which libtorch was compiled, as NVIDIA's compiler takes
// them; "" without CUDA.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.get_gencode_flags.html
func GetGencodeFlags() string { return gencodeFlags(GetArchList()) }

func gencodeFlags(list []string) string {
	var flags []string
	for _, architecture := range list {
		_, number, _ := strings.Cut(architecture, "_")
		flags = append(flags, "-gencode compute=compute_"+number+",code="+architecture)
	}
	return strings.Join(flags, " ")
}

// CheckError returns the error of what a function of CUDA's runtime returned, nil for 0: for
// programs that call such functions by themselves. Without CUDA the error says so.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.check_error.html
func CheckError(code int) error {
	if code == 0 {
		return nil
	}
	const op = "cuda.CheckError"
	var r torch.Results
	if err := torch.Try(func() { r = askLibrary(op, opErrorString, func(c *torch.Call) { c.Int(code) }) }); err != nil {
		return err
	}
	return torch.Errorf(op, torch.RuntimeError, "%s (%d)", r.Text(), code)
}

// SyncDebugMode says what libtorch does about operators that wait for a device.
type SyncDebugMode string

// The modes, with Python's names.
const (
	SyncDefault SyncDebugMode = "default" // nothing
	SyncWarn    SyncDebugMode = "warn"    // it warns
	SyncError   SyncDebugMode = "error"   // they fail
)

var syncModes = []SyncDebugMode{SyncDefault, SyncWarn, SyncError}

// SetSyncDebugMode lets libtorch tell of operators that wait for a device, in all goroutines. It
// does not know of all. It panics without CUDA, and where gotorch was installed without CUDA's
// headers.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.set_sync_debug_mode.html
func SetSyncDebugMode(mode SyncDebugMode) {
	const op = "cuda.SetSyncDebugMode"
	number := slices.Index(syncModes, mode)
	if number < 0 {
		panic(torch.Errorf(op, torch.RuntimeError, "invalid value of debug_mode, expected one of `default`, `warn`, `error`, but got %q", string(mode)))
	}
	askLibrary(op, opSetSyncDebugMode, func(c *torch.Call) { c.Int(number) })
}

// GetSyncDebugMode returns what [SetSyncDebugMode] set.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.get_sync_debug_mode.html
func GetSyncDebugMode() SyncDebugMode {
	r := askLibrary("cuda.GetSyncDebugMode", opSyncDebugMode, nil)
	return syncModes[r.Int()]
}
