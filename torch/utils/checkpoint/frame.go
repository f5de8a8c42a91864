package checkpoint

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

var internals = torch.Internal.Export(&internal.NotForPublicUse{})

const op = "torch/utils/checkpoint"

type packed = internal.Packed[*torch.Tensor]

// A frame is a call of a checkpointed function.
type frame struct {
	options Options
	f       func(in []*torch.Tensor) []*torch.Tensor
	inputs  *inputs
	state   state
	kept    *kept // results that the policy keeps, or nil

	mu        sync.Mutex
	saved     []metadata            // of the tensors that the first run saved
	computed  map[int]*torch.Tensor // those of the second run that were not asked for yet
	first     []string              // operators of the first run, with Debug
	second    []string              // and of the second
	completed bool                  // the first run is over

	wanted atomic.Int64 // how many of those the graph may want yet, and 1 for the first run
}

// drop is called when the graph wants a tensor no more, and when the first run is over. After the
// last one the frame is let go, with what it keeps.
func (fr *frame) drop() {
	if fr.wanted.Add(-1) > 0 {
		return
	}
	fr.inputs.token.Close()
	for _, g := range fr.state.generators {
		g.state.Close()
	}
	fr.kept.close()
	if fr.mu.TryLock() { // else it is computed at this moment, for nobody
		fr.forget()
		fr.mu.Unlock()
	}
}

// forget closes what was computed and not asked for.
func (fr *frame) forget() {
	for _, x := range fr.computed {
		x.Close()
	}
	clear(fr.computed)
}

// metadata is what the two runs' tensors must have in common.
type metadata struct {
	shape  string
	dtype  torch.DType
	device torch.Device
}

func metadataOf(x *torch.Tensor) metadata {
	return metadata{fmt.Sprint(x.Shape()), x.DType(), x.Device()}
}

func (m metadata) String() string {
	return fmt.Sprintf("shape %s, dtype %v, device %v", m.shape, m.dtype, m.device)
}

// run calls f for the first time.
func (o Options) run(f func(in []*torch.Tensor) []*torch.Tensor, in ...*torch.Tensor) (results []*torch.Tensor) {
	if !torch.IsGradEnabled() {
		return f(in)
	}
	fr := &frame{options: o, f: f, inputs: save(in), state: stateOf(in, option.Or(o.PreserveRNGState, true))}
	fr.wanted.Store(1)
	defer fr.drop()
	if o.Policy != nil {
		fr.kept = &kept{policy: o.Policy, entries: map[*torch.OpOverload][]entry{}}
	}
	internals.SavedTensorsHooks(op, fr.pack, func() {
		results = torch.Scoped(func() (results []*torch.Tensor) {
			fr.kept.cache(func() { record(o.Debug, &fr.first, func() { results = f(in) }) })
			return results
		})
	})
	fr.mu.Lock()
	defer fr.mu.Unlock()
	fr.completed = true
	return results
}

// pack takes note of a tensor that the first run saves, and lets it go.
func (fr *frame) pack(x *torch.Tensor) packed {
	fr.mu.Lock()
	defer fr.mu.Unlock()
	i := len(fr.saved)
	fr.saved = append(fr.saved, metadataOf(x))
	fr.wanted.Add(1)
	x.Close()
	return packed{Unpack: func() (*torch.Tensor, bool) { return fr.take(i), true }, Dropped: fr.drop}
}

// take gives a tensor that the first run saved, by the second run's. One that was given
// before is for another backward pass, for which all are computed anew.
func (fr *frame) take(i int) *torch.Tensor {
	fr.mu.Lock()
	defer fr.mu.Unlock()
	x, ok := fr.computed[i]
	if !ok {
		fr.compute()
		if x, ok = fr.computed[i]; !ok {
			panic(torch.Errorf(op, torch.RuntimeError, "the first run of the function saved tensor %d after a backward pass within it had run", i))
		}
	}
	delete(fr.computed, i)
	return x
}

// stop ends the second run.
type stop struct{}

// compute runs f again. The frame is locked: f runs once at a time.
func (fr *frame) compute() {
	fr.forget()
	fr.computed = make(map[int]*torch.Tensor, len(fr.saved))
	fr.second = nil
	count, early := 0, option.Or(fr.options.EarlyStop, true)
	pack := func(x *torch.Tensor) packed {
		y := x.Detach().Keep()
		x.Close()
		i := count
		if count++; i < len(fr.saved) {
			fr.computed[i] = y
		} else if fr.completed && !early {
			y.Close()
			panic(torch.Errorf(op, torch.RuntimeError, "trying to save more tensors during recomputation than during the original forward pass.%s", fr.tip()))
		}
		if early && count >= len(fr.saved) {
			panic(stop{})
		}
		return packed{Unpack: func() (*torch.Tensor, bool) { return y, false }}
	}
	torch.Scope(func() {
		defer func() {
			if r := recover(); r != nil && r != any(stop{}) {
				panic(r)
			}
		}()
		fr.state.restore(func() {
			in := fr.inputs.load()
			internals.SavedTensorsHooks(op, pack, func() {
				torch.EnableGrad(func() {
					fr.kept.replay(func() { record(fr.options.Debug, &fr.second, func() { fr.f(in) }) })
				})
			})
		})
	})
	fr.compare(count)
}

// compare panics unless the two runs saved the same.
func (fr *frame) compare(count int) {
	if count != len(fr.saved) && fr.completed {
		panic(torch.Errorf(op, torch.RuntimeError, "A different number of tensors was saved during the original forward and recomputation.\n"+
			"Number of tensors saved during forward: %d\nNumber of tensors saved during recomputation: %d.%s", len(fr.saved), count, fr.tip()))
	}
	if fr.options.AnyMetadata {
		return
	}
	var differ strings.Builder
	for i, before := range fr.saved {
		if x, ok := fr.computed[i]; ok && metadataOf(x) != before {
			fmt.Fprintf(&differ, "tensor at position %d:\nsaved metadata: %v\nrecomputed metadata: %v\n", i, before, metadataOf(x))
		}
	}
	if differ.Len() > 0 {
		panic(torch.Errorf(op, torch.RuntimeError, "Recomputed values for the following tensors have different metadata than during the forward pass.\n%s%s",
			differ.String(), fr.tip()))
	}
}

// tip says what helps, or, with Debug, what the two runs did.
func (fr *frame) tip() string {
	if !fr.options.Debug {
		return "\nThe function must do the same when it is called again. checkpoint.Options{Debug: true} lists the operators of both calls."
	}
	return "\nOperators executed during the original forward:\n" + strings.Join(fr.first, "\n") +
		"\nOperators executed during recomputation:\n" + strings.Join(fr.second, "\n")
}

// record calls f, and if it is to, notes the operators.
func record(wanted bool, to *[]string, f func()) {
	if !wanted {
		f()
		return
	}
	torch.WithDispatch(recorder{to}, f, torch.DispatchOptions{Scoped: true})
}

type recorder struct{ to *[]string }

func (r recorder) Dispatch(call *torch.DispatchCall) []any {
	var args []string
	for _, a := range call.Args {
		if x, ok := a.(*torch.Tensor); ok && x != nil {
			args = append(args, fmt.Sprintf("%v%v", x.DType(), x.Shape()))
		}
	}
	*r.to = append(*r.to, call.Op.Name()+"("+strings.Join(args, ", ")+")")
	return call.Run()
}

// inputs are the tensors that a call got. Libtorch has them, as those that an operation
// saves: a checkpoint around sees them like others.
type inputs struct {
	ctx   *autograd.Context
	token *torch.Tensor // keeps what was saved
	at    []int         // where the tensor of each is among those saved, or -1
}

// save makes libtorch save inputs.
func save(in []*torch.Tensor) *inputs {
	s := &inputs{}
	var tensors []*torch.Tensor
	for _, x := range in {
		if x == nil {
			s.at = append(s.at, -1)
			continue
		}
		s.at = append(s.at, len(tensors))
		tensors = append(tensors, x)
	}
	torch.Scope(func() {
		k := &keeper{tensors: len(tensors)}
		start := torch.Empty([]int{0}, torch.TensorOptions{RequiresGrad: true})
		s.token = autograd.Apply1(k, append([]*torch.Tensor{start}, tensors...)...).Keep()
		autograd.Grad([]*torch.Tensor{s.token}, []*torch.Tensor{start}, autograd.GradOptions{
			GradOutputs: []*torch.Tensor{torch.Empty([]int{0})}, RetainGraph: new(true), AllowUnused: true})
		s.ctx, k.ctx = k.ctx, nil
	})
	return s
}

// load gives the inputs again.
func (s *inputs) load() []*torch.Tensor {
	saved := s.ctx.SavedTensors()
	in := make([]*torch.Tensor, len(s.at))
	for i, at := range s.at {
		if at >= 0 {
			in[i] = saved[at]
		}
	}
	return in
}

// keeper is the operation that saves the inputs. Its backward pass, run once at the start,
// is how Go comes to the node that has them. The node refers to it, so it refers to nothing
// that refers to the node.
type keeper struct {
	ctx     *autograd.Context
	tensors int
}

func (k *keeper) Forward(ctx *autograd.Context, in ...*torch.Tensor) []*torch.Tensor {
	ctx.SaveForBackward(in[1:]...)
	return []*torch.Tensor{torch.Empty([]int{0})}
}

func (k *keeper) Backward(ctx *autograd.Context, _ ...*torch.Tensor) []*torch.Tensor {
	k.ctx = ctx
	return make([]*torch.Tensor, k.tensors+1)
}
