package cuda

import (
	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/accelerator"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

const poolType = "__torch__.torch.classes.gotorch_cuda.MemPool"

var (
	opNewPool      = torch.NewOperator("gotorch_cuda::new_pool(" + allocatorType + "? allocator, bool use_on_oom, bool no_split) -> " + poolType)
	opPoolID       = torch.NewOperator("gotorch_cuda::pool_id(" + poolType + " pool) -> (int, int)")
	opPoolUseCount = torch.NewOperator("gotorch_cuda::pool_use_count(" + poolType + " pool) -> int")
	opBeginPool    = torch.NewOperator("gotorch_cuda::begin_pool(" + poolType + " pool, int device) -> ()")
	opEndPool      = torch.NewOperator("gotorch_cuda::end_pool(" + poolType + " pool, int device) -> ()")
)

// MemPool is a pool of a device's memory of its own. [WithMemPool] lets tensors take theirs
// from it. The garbage collector frees the pool; its memory goes with the last tensor.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.MemPool.html
type MemPool struct{ object *torch.Object }

// MemPoolOptions are the options of [NewMemPool].
type MemPoolOptions struct {
	Allocator *CUDAPluggableAllocator // where the pool's memory comes from; default: the device
	UseOnOOM  bool                    // others may take memory from it before they run out of it
	NoSplit   bool                    // no two tensors in one segment
}

// NewMemPool returns a pool of the current device. It panics without CUDA, and where gotorch
// was installed without CUDA's headers.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.MemPool.html
func NewMemPool(options ...MemPoolOptions) *MemPool {
	o := option.First(options)
	r := askLibrary("cuda.NewMemPool", opNewPool, func(c *torch.Call) {
		if o.Allocator == nil {
			c.None()
		} else {
			c.Object(o.Allocator.object)
		}
		c.Bool(o.UseOnOOM)
		c.Bool(o.NoSplit)
	})
	return &MemPool{r.Object()}
}

// call calls an operator of the pool.
func (p *MemPool) call(op string, operator *torch.Operator, more func(c *torch.Call)) torch.Results {
	if p == nil || p.object == nil {
		panic(torch.Errorf(op, torch.TypeError, "the pool is nil, or one that NewMemPool did not make"))
	}
	return askLibrary(op, operator, func(c *torch.Call) {
		c.Object(p.object)
		if more != nil {
			more(c)
		}
	})
}

// ID returns libtorch's numbers of the pool, for the Pool of a graph's CaptureOptions. Keep the
// pool as long as such a graph.
func (p *MemPool) ID() accelerator.Pool {
	r := p.call("cuda.MemPool.ID", opPoolID, nil)
	return accelerator.Pool{r.Int(), r.Int()}
}

// UseCount returns how many hold the pool: it itself, functions within [WithMemPool], graphs.
func (p *MemPool) UseCount() int {
	r := p.call("cuda.MemPool.UseCount", opPoolUseCount, nil)
	return r.Int()
}

// Snapshot is [MemorySnapshot] of the pool's memory alone.
func (p *MemPool) Snapshot() []Segment { return snapshot("cuda.MemPool.Snapshot", p.ID()) }

// WithMemPool calls f, whose tensors on a device, or on the current one, take their memory from
// a pool, as Python does the body of "with torch.cuda.use_mem_pool(pool)". The goroutine is
// locked to its thread: those that f starts, and gradients, which libtorch computes in threads
// of its own, take theirs from elsewhere.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.use_mem_pool.html
func WithMemPool(pool *MemPool, f func(), device ...torch.Device) {
	const op = "cuda.WithMemPool"
	argument.NotNil(op, "f", f)
	index := mustBe(op, device).Index()
	pass := func(c *torch.Call) { c.Int(index) }
	cgotorch.LockThread()
	defer cgotorch.UnlockThread()
	pool.call(op, opBeginPool, pass)
	defer pool.call(op, opEndPool, pass)
	f()
}
