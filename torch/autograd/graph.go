package autograd

import (
	"runtime/debug"
	"strings"
	"sync"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// SavedTensorsHooks calls body, and pack with each tensor that operations in it
// save for Backward. Backward then calls unpack with what pack returned, and uses
// the tensor that it gives. Tensors can so be kept on disk or on another device.
// pack and unpack run with gradients off; pack must not change the tensor. The
// hooks are those of the calling goroutine, which is locked to its thread for the
// length of body; of nested ones the innermost run.
//
// https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.graph.saved_tensors_hooks
func SavedTensorsHooks[T any](pack func(x *torch.Tensor) T, unpack func(packed T) *torch.Tensor, body func()) {
	const op = "autograd.SavedTensorsHooks"
	argument.NotNil(op, "the pack function", pack)
	argument.NotNil(op, "the unpack function", unpack)
	argument.NotNil(op, "the function", body)
	internals.SavedTensorsHooks(op, func(x *torch.Tensor) internal.Packed[*torch.Tensor] {
		packed := pack(x)
		return internal.Packed[*torch.Tensor]{Unpack: func() (*torch.Tensor, bool) { return unpack(packed), false }}
	}, body)
}

// AnomalyOptions are the options of [DetectAnomaly].
type AnomalyOptions struct {
	CheckNaN *bool // a gradient with NaN is an error; default: true
}

// anomaly counts who wants anomaly detection. Libtorch has one switch for all.
var anomaly struct {
	sync.Mutex
	wanted int
	nan    int // who wants NaN to be looked for
}

// DetectAnomaly calls body with anomaly detection on: an error in Backward says
// where the operation was called whose derivative failed, and a derivative that
// gives NaN is an error. It costs much time. Operations of all goroutines are
// watched.
//
// https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.detect_anomaly
func DetectAnomaly(body func(), options ...AnomalyOptions) {
	argument.NotNil("autograd.DetectAnomaly", "the function", body)
	nan := 1
	if !option.Or(option.First(options).CheckNaN, true) {
		nan = 0
	}
	wantAnomalies(1, nan)
	defer wantAnomalies(-1, -nan)
	body()
}

func wantAnomalies(n, nan int) {
	anomaly.Lock()
	defer anomaly.Unlock()
	anomaly.wanted += n
	anomaly.nan += nan
	var stack cgotorch.FuncID
	if anomaly.wanted == 1 && n == 1 {
		stack = internals.Callback(func([]*torch.Tensor, int) reply {
			return reply{Text: callers()}
		})
	}
	cgotorch.SetAnomaly(anomaly.wanted > 0, anomaly.nan > 0, stack)
}

// callers returns the calls that led to an operation, without those within
// gotorch.
func callers() string {
	lines := strings.Split(strings.TrimSpace(string(debug.Stack())), "\n")
	var text []string
	for i := 1; i+1 < len(lines); i += 2 {
		name, _, _ := strings.Cut(lines[i], "(0x")
		internal := strings.HasPrefix(name, "runtime") || strings.Contains(name, "gotorch/cgotorch") ||
			strings.HasPrefix(name, "_cgo") || strings.Contains(name, "gotorch/torch.")
		if !internal || strings.Contains(lines[i+1], "_test.go") {
			text = append(text, "  "+strings.TrimSpace(lines[i+1])+" in "+name)
		}
	}
	return strings.Join(text, "\n")
}

// IsAnomalyEnabled reports whether a [DetectAnomaly] is in force.
//
// https://docs.pytorch.org/docs/stable/generated/torch.is_anomaly_enabled.html
func IsAnomalyEnabled() bool { return cgotorch.AnomalyEnabled() }
