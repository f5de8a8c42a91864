package nn

import (
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// Call returns module.Forward(x), and calls the module's hooks, each once: what
// module(x) does in Python. It is for modules that one does not know, such as the
// layers of a container, and for those with a Forward of their own:
//
//	y := nn.Call(net, x)
//
// The modules of this package, and others whose Forward goes through [Module.Run],
// call their hooks themselves; Call leaves that to them, so that no hook is called
// twice. A Forward that does not go through Run calls no hooks without Call. An error
// that Forward panics with names the module, as Run says.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html
func Call(module Layer, x *torch.Tensor) *torch.Tensor {
	m := baseOf("nn.Call", module).initialized()
	if m.runs && m.isOf(module) {
		return module.Forward(x)
	}
	defer m.blame()
	m.prepare(x)
	if m.calls == nil {
		return module.Forward(x)
	}
	return m.callAll(func(in []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{module.Forward(in[0])} }, x)[0]
}

// CallAll is [Call] for modules that take or give several tensors, or take options:
// forward calls the module's Forward with the inputs.
//
//	outputs := nn.CallAll(net, func(in []*torch.Tensor) []*torch.Tensor {
//		scores, state := net.Forward(in[0], in[1])
//		return []*torch.Tensor{scores, state}
//	}, x, h)
func CallAll(module AnyModule, forward func(inputs []*torch.Tensor) []*torch.Tensor, inputs ...*torch.Tensor) []*torch.Tensor {
	argument.NotNil("nn.CallAll", "forward", forward)
	m := baseOf("nn.CallAll", module).initialized()
	defer m.blame()
	m.prepare(inputs...)
	if m.calls == nil {
		return forward(inputs)
	}
	return m.callAll(forward, inputs...)
}

// callAll calls forward and the hooks. The Run that forward may go through is told
// so.
func (m *Module) callAll(forward func(inputs []*torch.Tensor) []*torch.Tensor, inputs ...*torch.Tensor) []*torch.Tensor {
	calls := m.calls
	return calls.run(m, func(in []*torch.Tensor) []*torch.Tensor {
		defer calls.callers.leave(calls.callers.enter())
		return forward(in)
	}, inputs...)
}

// callers are the goroutines within a Call of a module with hooks. Run looks there
// whether the hooks of the call at hand are called already.
type callers struct {
	number atomic.Int32 // of list, to be read without the lock
	sync.Mutex
	list []*caller
}

// caller is a call; it ends where it began.
type caller struct {
	goroutine uint64
	claimed   bool // Run was there
}

// enter begins a call.
func (c *callers) enter() *caller {
	call := &caller{goroutine: goroutine()}
	c.Lock()
	defer c.Unlock()
	c.list = append(c.list, call)
	c.number.Add(1)
	return call
}

// leave ends a call.
func (c *callers) leave(call *caller) {
	c.Lock()
	defer c.Unlock()
	for i, other := range c.list {
		if other == call {
			c.list = append(c.list[:i], c.list[i+1:]...)
			c.number.Add(-1)
			return
		}
	}
}

// claim reports whether the goroutine is within a Call whose Run this is, the first.
func (c *callers) claim() bool {
	if c.number.Load() == 0 {
		return false
	}
	here := goroutine()
	c.Lock()
	defer c.Unlock()
	for i := len(c.list) - 1; i >= 0; i-- { // the innermost of this goroutine
		if call := c.list[i]; call.goroutine == here {
			first := !call.claimed
			call.claimed = true
			return first
		}
	}
	return false
}

// goroutine returns the number of the goroutine. Go tells it in stack traces only;
// it is asked for in calls with hooks only.
func goroutine() uint64 {
	var trace [64]byte
	text := strings.TrimPrefix(string(trace[:runtime.Stack(trace[:], false)]), "goroutine ")
	number, _, _ := strings.Cut(text, " ")
	id, _ := strconv.ParseUint(number, 10, 64)
	return id
}
