package robust

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/cuda"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

func init() { children["missing"] = missing }

// missing calls what needs libtorch where there is none. Each panics with a
// *torch.Error, or returns one, that says what to do.
func missing() {
	folder := filepath.Join(os.TempDir(), "no", "libtorch")
	os.Setenv(cgotorch.EnvLibtorch, folder)
	nothing := func() {}
	same := func(x *torch.Tensor) *torch.Tensor { return x }
	for i, f := range []func(){
		func() { torch.Ones([]int{1}) },
		func() { torch.NewTensor(1) },
		func() { torch.FromSlice([]float32{1}) },
		func() { torch.NestedTensor(nil) },
		func() { torch.Version() },
		func() { torch.CPUCapability() },
		func() { torch.NumThreads() },
		func() { torch.SetNumThreads(1) },
		func() { torch.NumInteropThreads() },
		func() { torch.WithNumThreads(1, nothing) },
		func() { torch.DefaultDType() },
		func() { torch.SetDefaultDType(torch.Float64) },
		func() { torch.UseDeterministicAlgorithms(true) },
		func() { torch.ManualSeed(1) },
		func() { torch.NewGenerator() },
		func() { torch.RNGState() },
		func() { torch.Rand([]int{1}) },
		func() { torch.NoGrad(nothing) },
		func() { torch.InferenceMode(nothing) },
		func() { torch.IsGradEnabled() },
		func() { torch.IsInferenceModeEnabled() },
		func() { torch.Scope(nothing) },
		func() { torch.Lend() },
		func() { torch.Autocast(torch.CPU, nothing) },
		func() { torch.IsAutocastEnabled(torch.CPU) },
		func() { torch.ClearAutocastCache() },
		func() { autograd.SavedTensorsHooks(same, same, nothing) },
		func() { autograd.DetectAnomaly(nothing) },
		func() { autograd.IsAnomalyEnabled() },
		func() { autograd.DualLevel(nothing) },
		func() { autograd.UnpackDual(nil) },
		func() { cuda.IsAvailable() },
		func() { cuda.DeviceCount() },
		func() { nn.NewLinear(2, 1) },
	} {
		expectMissing(fmt.Sprint("call ", i), folder, panicked(f))
	}
	_, err := torch.Op("aten::relu")
	expectMissing("Op", folder, err)
	expectMissing("LoadLibrary", folder, torch.LoadLibrary(os.Args[0]))
}

// panicked returns what f panics with.
func panicked(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// expectMissing ends a child unless what was thrown is a *torch.Error that names the
// folder and the remedy.
func expectMissing(what, folder string, thrown any) {
	err, _ := thrown.(error)
	var e *torch.Error
	if !errors.As(err, &e) || e.Kind != torch.UnsupportedError {
		fmt.Printf("%s: got %T %v, want a *torch.Error\n", what, thrown, thrown)
		os.Exit(1)
	}
	expect(what, e.Message, "libtorch is not ready for this program:\n  "+folder+" ($GOTORCH_LIBTORCH): the folder is not there\n"+
		"$GOTORCH_LIBTORCH keeps other places from being looked at\n"+
		"Install it with: unset GOTORCH_LIBTORCH, then "+cgotorch.InstallCommand)
}

func TestMissingLibtorchIsATorchError(t *testing.T) { survives(t, "missing") }
