package cuda

import (
	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

var (
	opNVTXPush  = torch.NewOperator("gotorch_cuda::nvtx_push(str message) -> int")
	opNVTXPop   = torch.NewOperator("gotorch_cuda::nvtx_pop() -> int")
	opNVTXStart = torch.NewOperator("gotorch_cuda::nvtx_start(str message) -> int")
	opNVTXEnd   = torch.NewOperator("gotorch_cuda::nvtx_end(int range) -> ()")
	opNVTXMark  = torch.NewOperator("gotorch_cuda::nvtx_mark(str message) -> ()")
)

// callNVTX calls an operator of NVTX. It panics with an error of op where there is none.
func callNVTX(op string, operator *torch.Operator, pass func(c *torch.Call)) torch.Results {
	if why := WhyUnavailable(); why != "" {
		panic(torch.Errorf(op, torch.RuntimeError, "NVTX functions not installed: CUDA cannot be used: %s", why))
	}
	return callExtra(op, operator, pass)
}

// NVTXRange calls f, and NVIDIA's profilers show the time that it takes under a name. The
// ranges of a thread lie within each other, so the goroutine is locked to its thread for the
// length of f. It panics without CUDA, and where gotorch was installed without CUDA's headers.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.nvtx.range.html
func NVTXRange(message string, f func()) {
	const op = "cuda.NVTXRange"
	argument.NotNil(op, "f", f)
	cgotorch.LockThread()
	defer cgotorch.UnlockThread()
	callNVTX(op, opNVTXPush, func(c *torch.Call) { c.String(message) })
	defer callNVTX(op, opNVTXPop, nil)
	f()
}

// NVTXRangeStart begins a range that may end in another goroutine, by [NVTXRangeEnd] with the
// number that it returns. It panics as [NVTXRange] does.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.nvtx.range_start.html
func NVTXRangeStart(message string) (number int) {
	r := callNVTX("cuda.NVTXRangeStart", opNVTXStart, func(c *torch.Call) { c.String(message) })
	return r.Int()
}

// NVTXRangeEnd ends a range that [NVTXRangeStart] began.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.nvtx.range_end.html
func NVTXRangeEnd(number int) {
	callNVTX("cuda.NVTXRangeEnd", opNVTXEnd, func(c *torch.Call) { c.Int(number) })
}

// NVTXMark shows a moment in NVIDIA's profilers under a name. It panics as [NVTXRange] does.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.nvtx.mark.html
func NVTXMark(message string) {
	callNVTX("cuda.NVTXMark", opNVTXMark, func(c *torch.Call) { c.String(message) })
}
