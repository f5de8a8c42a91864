package ddpcommhooks

import (
	"math"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/linalg"
	"github.com/wangkuiyi/gotorch/torch/nn/parallel"
)

// PowerSGDState is what [PowerSGDHook] remembers from pass to pass: for each bucket the errors
// of compression, which are added to the next gradients, and the matrices of the latest one,
// with which the next begins. A module has one of its own.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html#torch.distributed.algorithms.ddp_comm_hooks.powerSGD_hook.PowerSGDState
type PowerSGDState struct {
	options  PowerSGDOptions
	rank     int
	start    int
	rate     float64
	feedback bool
	warm     bool
	seeds    *mt19937
	errors   map[int]*torch.Tensor // by the numbers of buckets
	ps, qs   map[int]*torch.Tensor
	passes   int
	before   int // elements so far
	after    int
}

// PowerSGDOptions are the options of [NewPowerSGDState].
type PowerSGDOptions struct {
	Group *distributed.ProcessGroup // nil is the default group
	// MatrixApproximationRank is of how many columns the matrices are that move; the more, the
	// nearer they come to the gradients. nil is 1.
	MatrixApproximationRank *int
	StartPowerSGDIter       *int     // how many passes move gradients as they are before; nil is 1000
	MinCompressionRate      *float64 // by how much gradients must become smaller to be compressed; nil is 2
	UseErrorFeedback        *bool    // add what compression lost to the gradients of the next pass; nil is true
	WarmStart               *bool    // begin with the matrices of the pass before; nil is true
	// OrthogonalizationEpsilon is added to the norms of columns, for gradients that are 0.
	OrthogonalizationEpsilon float64
	RandomSeed               int // of the first matrices, the same on all processes
	// BatchTensorsWithSameShape computes gradients of the same shape together.
	BatchTensorsWithSameShape bool
}

// NewPowerSGDState returns what [PowerSGDHook] needs. It fails where StartPowerSGDIter is less
// than 2, and the state remembers something: the buckets change after the first pass.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html#torch.distributed.algorithms.ddp_comm_hooks.powerSGD_hook.PowerSGDState
func NewPowerSGDState(options ...PowerSGDOptions) (*PowerSGDState, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	s := &PowerSGDState{options: o, rank: option.Or(o.MatrixApproximationRank, 1), start: option.Or(o.StartPowerSGDIter, 1000),
		rate: option.Or(o.MinCompressionRate, 2), feedback: option.Or(o.UseErrorFeedback, true), warm: option.Or(o.WarmStart, true), errors: map[int]*torch.Tensor{}, ps: map[int]*torch.Tensor{}, qs: map[int]*torch.Tensor{}}
	const op = "ddpcommhooks.NewPowerSGDState"
	switch {
	case (s.feedback || s.warm) && s.start <= 1:
		return nil, torch.Errorf(op, torch.ValueError, "Expect `start_powerSGD_iter` > 1 if `use_error_feedback` or `warm_start` is enabled, "+
			"because PowerSGD can only be applied after the first two iterations in DDP.")
	case o.RandomSeed < 0 || o.RandomSeed > math.MaxUint32:
		return nil, torch.Errorf(op, torch.ValueError, "the seed %d is not between 0 and 2**32 - 1", o.RandomSeed)
	case s.rank < 1:
		return nil, torch.Errorf(op, torch.ValueError, "the rank %d of matrices is not positive", s.rank)
	}
	s.seeds = newMT19937(uint32(o.RandomSeed))
	return s, nil
}

// CompressionStats returns how many elements gradients had since compression began, how many
// moved for them, and the quotient, or 0 before.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html#torch.distributed.algorithms.ddp_comm_hooks.powerSGD_hook.PowerSGDState
func (s *PowerSGDState) CompressionStats() (rate float64, before, after int) {
	if s.after > 0 {
		rate = float64(s.before) / float64(s.after)
	}
	return rate, s.before, s.after
}

// PowerSGDHook moves for each gradient, as a matrix M of its first dimension and the others,
// two narrow ones: P = MQ is added up over the processes and made orthogonal, Q = MᵀP is
// added up, and the result is PQᵀ. What that lacks is added to the next gradients. Gradients
// that would not become smaller, such as those of biases, move as they are.
//
// https://docs.pytorch.org/docs/stable/ddp_comm_hooks.html#torch.distributed.algorithms.ddp_comm_hooks.powerSGD_hook.powerSGD_hook
func PowerSGDHook(state *PowerSGDState) parallel.CommHook {
	return func(bucket *parallel.GradBucket) (wait, error) {
		if bucket.Buffer().Layout() != torch.Strided {
			return nil, torch.Errorf("ddpcommhooks.PowerSGDHook", torch.NotImplementedError, "a sparse gradient cannot be compressed")
		}
		if state.passes < state.start {
			state.finish(bucket)
			return mean(bucket.Buffer(), state.options.Group)
		}
		var c *compression
		var done func() error
		err := torch.Try(func() { c = state.compress(bucket) })
		if err == nil {
			done, err = sum(c.uncompressed, state.options.Group)
		}
		return func() (*torch.Tensor, error) {
			err := done()
			for _, step := range []struct {
				compute func()
				moved   *torch.Tensor // and is then added up over the processes
			}{{c.unpack, c.p}, {c.project, c.q}, {c.decompress, nil}} {
				if err == nil {
					err = torch.Try(step.compute)
				}
				if err == nil && step.moved != nil {
					_, err = distributed.AllReduce(step.moved, distributed.ReduceOptions{Group: state.options.Group})
				}
			}
			return bucket.Buffer(), err
		}, err
	}
}

// finish counts the pass with its last bucket.
func (s *PowerSGDState) finish(bucket *parallel.GradBucket) {
	if bucket.IsLast() {
		s.passes++
	}
}

// compression is that of a bucket in a pass.
type compression struct {
	state        *PowerSGDState
	bucket       *parallel.GradBucket
	before       *torch.Tensor   // the gradients with the errors of the pass before, or nil
	whole        []*torch.Tensor // gradients that move as they are
	uncompressed *torch.Tensor   // these in a row
	groups       []group         // of the others
	p, q         *torch.Tensor   // their matrices in a row
}

// group is gradients of one shape, rows × columns, that are computed together.
type group struct {
	gradients []*torch.Tensor // views of the bucket
	m         *torch.Tensor   // all of them: count × rows × columns
	p, q      *torch.Tensor   // count × rows × rank, and count × columns × rank
}

// compress computes the matrices P of this process.
func (s *PowerSGDState) compress(bucket *parallel.GradBucket) *compression {
	c := &compression{state: s, bucket: bucket}
	buffer, index := bucket.Buffer(), bucket.Index()
	if s.feedback {
		if lost := s.errors[index]; lost != nil {
			buffer.AddInplace(lost)
		}
		c.before = buffer.Clone()
	}
	c.split()
	flat := make([]*torch.Tensor, len(c.whole))
	for i, x := range c.whole {
		flat[i] = x.View(-1)
	}
	options := torch.TensorOptions{DType: buffer.DType(), Device: buffer.Device()}
	c.uncompressed = torch.Empty([]int{0}, options)
	if len(flat) > 0 {
		c.uncompressed = torch.Cat(flat, 0)
	}
	fresh := !s.warm || s.ps[index] == nil
	if fresh {
		ps, qs := 0, 0
		for _, g := range c.groups {
			n, rows, columns := g.size()
			r := s.rankOf(rows, columns)
			ps, qs = ps+n*rows*r, qs+n*columns*r
		}
		s.ps[index], s.qs[index] = torch.Empty([]int{ps}, options).Keep(), torch.Empty([]int{qs}, options).Keep()
	}
	c.p, c.q = s.ps[index], s.qs[index]
	c.place()
	generator := (*torch.Generator)(nil)
	if fresh {
		generator = torch.NewGenerator().ManualSeed(int64(s.seeds.below(1_000_000_000)))
	}
	for _, g := range c.groups {
		if fresh {
			g.q.CopyInplace(torch.Randn(g.q.Shape(), torch.TensorOptions{DType: buffer.DType(), Device: torch.CPU, Generator: generator}))
		}
		orthogonalize(g.q, s.options.OrthogonalizationEpsilon)
	}
	for _, g := range c.groups {
		g.p.CopyInplace(g.m.Bmm(g.q))
	}
	return c
}

// rankOf returns how many columns the matrices of a gradient have.
func (s *PowerSGDState) rankOf(rows, columns int) int { return min(rows, columns, s.rank) }

// split says which gradients are compressed, and puts those of the same shape together.
func (c *compression) split() {
	s := c.state
	var shapes [][]int
	same := map[[2]int][]*torch.Tensor{}
	for _, x := range c.bucket.Gradients() {
		rows := 1
		if x.Dim() > 0 {
			rows = x.Size(0)
		}
		n := x.Numel()
		columns := n / max(rows, 1)
		moved := (rows + columns) * s.rankOf(rows, columns)
		s.before += n
		if float64(moved)*s.rate >= float64(n) {
			s.after += n
			c.whole = append(c.whole, x)
			continue
		}
		s.after += moved
		key := [2]int{rows, columns}
		if same[key] == nil {
			shapes = append(shapes, key[:])
		}
		same[key] = append(same[key], x.View(rows, columns))
	}
	for _, shape := range shapes {
		list := same[[2]int(shape)]
		if s.options.BatchTensorsWithSameShape && len(list) > 1 {
			c.groups = append(c.groups, group{gradients: list, m: torch.Stack(list, 0)})
			continue
		}
		for _, x := range list {
			c.groups = append(c.groups, group{gradients: []*torch.Tensor{x}, m: x.Unsqueeze(0)})
		}
	}
}

// size returns how many gradients there are, and their shape.
func (g group) size() (n, rows, columns int) { return g.m.Size(0), g.m.Size(1), g.m.Size(2) }

// place gives each group its part of the matrices.
func (c *compression) place() {
	p, q := 0, 0
	for i := range c.groups {
		g := &c.groups[i]
		n, rows, columns := g.size()
		r := c.state.rankOf(rows, columns)
		g.p = c.p.Narrow(0, p, n*rows*r).View(n, rows, r)
		g.q = c.q.Narrow(0, q, n*columns*r).View(n, columns, r)
		p, q = p+n*rows*r, q+n*columns*r
	}
}

// unpack puts the means of what moved as it is where the gradients are.
func (c *compression) unpack() {
	c.uncompressed.DivInplace(distributed.GetWorldSize(c.state.options.Group))
	offset := 0
	for _, x := range c.whole {
		x.CopyInplace(c.uncompressed.Narrow(0, offset, x.Numel()).View(x.Shape()...))
		offset += x.Numel()
	}
}

// project computes the matrices Q of this process from the sums of P.
func (c *compression) project() {
	for _, g := range c.groups {
		orthogonalize(g.p, c.state.options.OrthogonalizationEpsilon)
	}
	for _, g := range c.groups {
		g.q.CopyInplace(g.m.Transpose(1, 2).Bmm(g.p))
	}
}

// decompress puts the products of the matrices where the gradients are.
func (c *compression) decompress() {
	s, index := c.state, c.bucket.Index()
	c.q.DivInplace(distributed.GetWorldSize(s.options.Group))
	for _, g := range c.groups {
		product := g.p.Bmm(g.q.Transpose(1, 2))
		for i, x := range g.gradients {
			x.CopyInplace(product.Select(0, i))
		}
	}
	if s.feedback {
		s.errors[index].Close()
		s.errors[index] = c.before.Sub(c.bucket.Buffer()).Keep()
	}
	if !s.warm {
		s.ps[index].Close()
		s.qs[index].Close()
		delete(s.ps, index)
		delete(s.qs, index)
	}
	s.finish(c.bucket)
}

// orthogonalize makes the columns of matrices orthogonal, and their norms 1, in place.
func orthogonalize(matrices *torch.Tensor, epsilon float64) {
	columns := matrices.Size(2)
	half := slices.Contains([]torch.DType{torch.Float16, torch.BFloat16}, matrices.DType())
	if columns > 2 && !half {
		q, _ := linalg.QR(matrices)
		matrices.CopyInplace(q)
		return
	}
	for i := range columns {
		column := matrices.Narrow(2, i, 1)
		norm := linalg.VectorNorm(column, linalg.VectorNormOptions{Dim: []int{1}, Keepdim: true})
		if epsilon != 0 {
			norm.AddInplace(epsilon)
		}
		column.DivInplace(norm)
		if i+1 < columns {
			rest := matrices.Narrow(2, i+1, columns-i-1)
			rest.SubInplace(column.Mul(rest).SumWith(torch.ReduceOptions{Dim: []int{1}, Keepdim: true}).Mul(column))
		}
	}
}
