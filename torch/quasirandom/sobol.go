// Package quasirandom is PyTorch's torch.quasirandom: sequences of points that fill a cube
// more evenly than random ones.
//
// https://docs.pytorch.org/docs/stable/generated/torch.quasirandom.SobolEngine.html
package quasirandom

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// The number of bits of a point's coordinates, so that there are 2³⁰ points, and the
// greatest number of dimensions.
const (
	MaxBit = 30
	MaxDim = 21201
)

var (
	opInitialize  = torch.NewOperator("aten::_sobol_engine_initialize_state_(Tensor(a!) self, int dimension) -> Tensor(a!)")
	opDraw        = torch.NewOperator("aten::_sobol_engine_draw(Tensor quasi, int n, Tensor sobolstate, int dimension, int num_generated, ScalarType? dtype) -> (Tensor, Tensor)")
	opFastForward = torch.NewOperator("aten::_sobol_engine_ff_(Tensor(a!) self, int n, Tensor sobolstate, int dimension, int num_generated) -> Tensor(a!)")
	opScramble    = torch.NewOperator("aten::_sobol_engine_scramble_(Tensor(a!) self, Tensor ltm, int dimension) -> Tensor(a!)")
)

// SobolEngine draws the points of a Sobol sequence, one after the other, with the direction
// numbers of Joe and Kuo. Use it from one goroutine at a time.
//
// https://docs.pytorch.org/docs/stable/generated/torch.quasirandom.SobolEngine.html
type SobolEngine struct {
	dimension int
	scramble  bool
	seed      *int64

	state, shift, quasi, first *torch.Tensor
	generated                  int
}

// SobolEngineOptions are the options of [NewSobolEngine].
type SobolEngineOptions struct {
	Scramble bool   // Owen's scrambling, whose points fill the cube still better
	Seed     *int64 // of the scrambling; default: the numbers come from the default generator
}

// NewSobolEngine returns an engine for points of a dimension. It panics unless that is
// from 1 to [MaxDim].
//
// https://docs.pytorch.org/docs/stable/generated/torch.quasirandom.SobolEngine.html
func NewSobolEngine(dimension int, options ...SobolEngineOptions) *SobolEngine {
	if dimension < 1 || dimension > MaxDim {
		panic(torch.Errorf("quasirandom.NewSobolEngine", torch.ValueError,
			"Supported range of dimensionality for SobolEngine is [1, %d]", MaxDim))
	}
	o := option.First(options)
	s := &SobolEngine{dimension: dimension, scramble: o.Scramble, seed: o.Seed}
	torch.Scope(func() {
		torch.NoGrad(func() {
			s.state = torch.Zeros([]int{dimension, MaxBit}, ints).Keep()
			var c torch.Call
			c.Tensor(s.state)
			c.Int(dimension)
			c.Do(opInitialize)
			if s.scramble {
				s.shift = s.scrambled()
			} else {
				s.shift = torch.Zeros([]int{dimension}, ints).Keep()
			}
			s.quasi = s.shift.Clone().Keep()
			s.first = s.quasi.Div(1<<MaxBit).Reshape(1, -1).Keep()
		})
	})
	return s
}

// ints are the options of what the engine computes with.
var ints = torch.TensorOptions{DType: torch.Int64, Device: torch.CPU}

// scrambled scrambles the state and returns where the sequence begins.
func (s *SobolEngine) scrambled() *torch.Tensor {
	o := ints
	if s.seed != nil {
		o.Generator = torch.NewGenerator().ManualSeed(*s.seed)
	}
	bits := torch.Randint(0, 2, []int{s.dimension, MaxBit}, o)
	shift := bits.Mv(torch.Pow(2, torch.Arange(0, MaxBit, 1, ints))).Keep()
	matrices := torch.Randint(0, 2, []int{s.dimension, MaxBit, MaxBit}, o).Tril()
	var c torch.Call
	c.Tensor(s.state)
	c.Tensor(matrices)
	c.Int(s.dimension)
	c.Do(opScramble)
	return shift
}

// DrawOptions are the options of [SobolEngine.Draw] and [SobolEngine.DrawBase2].
type DrawOptions struct {
	DType torch.DType // default: torch.DefaultDType()
}

// Draw returns the next n points, n × dimension, on the CPU, with coordinates in [0, 1).
// It panics unless n is 1 or more, and where there are no more points: after 2³⁰.
//
// https://docs.pytorch.org/docs/stable/generated/torch.quasirandom.SobolEngine.html
func (s *SobolEngine) Draw(n int, options ...DrawOptions) *torch.Tensor {
	s.mustHave("Draw", n)
	o := option.First(options)
	if o.DType == 0 {
		o.DType = torch.DefaultDType()
	}
	return torch.NoGradValue(func() *torch.Tensor {
		if s.generated > 0 {
			return s.draw(n, o.DType)
		}
		first := s.first.To(o.DType, torch.ToOptions{Copy: true})
		s.generated = 1
		if n == 1 {
			return first
		}
		return torch.Cat([]*torch.Tensor{first, s.draw(n-1, o.DType)}, -2)
	})
}

// mustBeMade panics on an engine that is nil or zero.
func (s *SobolEngine) mustBeMade(method string) {
	if s == nil || s.state == nil {
		panic(torch.Errorf("quasirandom.SobolEngine."+method, torch.TypeError, "the engine is nil, or one that NewSobolEngine did not make"))
	}
}

// mustHave panics unless there are n more points.
func (s *SobolEngine) mustHave(method string, n int) {
	const op = "quasirandom.SobolEngine."
	s.mustBeMade(method)
	switch {
	case n < 1:
		panic(torch.Errorf(op+method, torch.ValueError, "want 1 point or more, got %d", n))
	case n > 1<<MaxBit-s.generated:
		panic(torch.Errorf(op+method, torch.ValueError, "the sequence has 2^%d points, and %d were drawn: there are no %d more",
			MaxBit, s.generated, n))
	}
}

// draw returns the next n points, of which there was one before.
func (s *SobolEngine) draw(n int, dtype torch.DType) *torch.Tensor {
	var c torch.Call
	c.Tensor(s.quasi)
	c.Int(n)
	c.Tensor(s.state)
	c.Int(s.dimension)
	c.Int(s.generated - 1)
	c.DType(dtype)
	results := c.Results(opDraw)
	points, quasi := results.Tensor(), results.Tensor()
	s.quasi.Close()
	s.quasi = quasi.Keep()
	s.generated += n
	return points
}

// DrawBase2 returns the next 2ᵐ points. It panics where the number of all points drawn
// would not be a power of 2, which the sequence's balance needs; Draw does not mind.
//
// https://docs.pytorch.org/docs/stable/generated/torch.quasirandom.SobolEngine.html
func (s *SobolEngine) DrawBase2(m int, options ...DrawOptions) *torch.Tensor {
	n := 0
	if m >= 0 && m <= MaxBit {
		n = 1 << m
	}
	s.mustHave("DrawBase2", n)
	if total := s.generated + n; total&(total-1) != 0 {
		panic(torch.Errorf("quasirandom.SobolEngine.DrawBase2", torch.ValueError,
			"The balance properties of Sobol' points require n to be a power of 2. %d points have been previously generated, "+
				"then: n=%d+2**%d=%d. If you still want to do this, please use Draw instead.", s.generated, s.generated, m, total))
	}
	return s.Draw(n, options...)
}

// Reset goes back to the first point and returns the engine.
//
// https://docs.pytorch.org/docs/stable/generated/torch.quasirandom.SobolEngine.html
func (s *SobolEngine) Reset() *SobolEngine {
	s.mustBeMade("Reset")
	torch.NoGrad(func() { s.quasi.CopyInplace(s.shift) })
	s.generated = 0
	return s
}

// FastForward leaves out the next n points and returns the engine. It panics on a negative
// n, and where there are no more points.
//
// https://docs.pytorch.org/docs/stable/generated/torch.quasirandom.SobolEngine.html
func (s *SobolEngine) FastForward(n int) *SobolEngine {
	if n == 0 {
		return s
	}
	s.mustHave("FastForward", n)
	steps, at := n, s.generated-1
	if s.generated == 0 {
		steps, at = n-1, 0
	}
	torch.NoGrad(func() {
		var c torch.Call
		c.Tensor(s.quasi)
		c.Int(steps)
		c.Tensor(s.state)
		c.Int(s.dimension)
		c.Int(at)
		c.Do(opFastForward)
	})
	s.generated += n
	return s
}

// NumGenerated returns how many points were drawn or left out.
func (s *SobolEngine) NumGenerated() int { return s.generated }

// String writes the engine as Python does.
func (s *SobolEngine) String() string {
	text := fmt.Sprintf("SobolEngine(dimension=%d", s.dimension)
	if s.scramble {
		text += ", scramble=True"
	}
	if s.seed != nil {
		text += fmt.Sprintf(", seed=%d", *s.seed)
	}
	return text + ")"
}
