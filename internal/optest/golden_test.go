package optest_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

// goldenCase is a call in testdata/golden.json.gz, which
// scripts/golden/operators.py makes.
type goldenCase struct {
	Args    []value
	Outputs []torchtest.Tensor
	Ups     []torchtest.Tensor
	Grads   []*torchtest.Tensor // of the tensors among the arguments, in order
}

// tolerance is what values may differ by on another libtorch or CPU than that of
// the golden file, relative to the greater of 1 and the golden value.
const tolerance = 2e-4

func TestOperatorsAreThoseOfPython(t *testing.T) {
	var operators []struct {
		Go, Python string
		Cases      []goldenCase
	}
	header := torchtest.Golden(t, "testdata/golden.json.gz", &operators)
	exact := header.Exact()
	functions, inplace := 0, 0
	for _, op := range operators {
		c, ok := calls[op.Go]
		require.True(t, ok, op.Go)
		functions++
		if c.inplace != nil {
			inplace++
		}
		t.Run(op.Go, func(t *testing.T) {
			for i, golden := range op.Cases {
				err := torch.Try(func() { golden.check(t, c, i, exact) })
				var e *torch.Error
				if errors.As(err, &e) && e.Kind == torch.UnsupportedError {
					t.Skipf("libtorch %s: %v", torch.Version(), e)
				}
				require.NoError(t, err, "case %d", i)
			}
		})
	}
	t.Logf("%d functions and %d in-place methods", functions, inplace)
	assert.GreaterOrEqual(t, functions+inplace, 600)
}

func (g *goldenCase) check(t *testing.T, c call, i int, exact bool) {
	grad := len(g.Ups) > 0
	prepare := func(grad bool) (args []*argument) {
		for _, v := range g.Args {
			args = append(args, v.prepare(t, grad))
		}
		return args
	}
	args := prepare(grad)
	torch.ManualSeed(3)
	outputs := c.run(t, c.function, args)
	if !assert.Len(t, outputs, len(g.Outputs), "case %d", i) {
		return
	}
	for j, want := range g.Outputs {
		want.Check(t, outputs[j], exact, tolerance, fmt.Sprintf("case %d, output %d", i, j))
	}
	if grad {
		g.checkGrads(t, i, args, outputs, exact)
		return
	}
	if c.inplace != nil {
		g.checkInplace(t, c, i, prepare(false), exact)
	}
}

// checkGrads runs backward from the outputs that require gradients.
func (g *goldenCase) checkGrads(t *testing.T, i int, args []*argument, outputs []*torch.Tensor, exact bool) {
	var roots, ups []*torch.Tensor
	for _, x := range outputs {
		if x.RequiresGrad() {
			roots = append(roots, x)
		}
	}
	require.Len(t, roots, len(g.Ups), "case %d", i)
	for _, up := range g.Ups {
		ups = append(ups, up.Make(t))
	}
	autograd.Backward(roots, ups)
	j := 0
	for _, a := range args {
		for _, x := range a.tensors {
			if x == nil {
				continue
			}
			if want := g.Grads[j]; want != nil {
				want.Check(t, x.Grad(), exact, tolerance, fmt.Sprintf("case %d, gradient %d", i, j))
			}
			j++
		}
	}
}

// checkInplace compares the in-place method with the function, where the result
// has the shape and dtype of the first argument. The kernels of a few operators
// round differently where they write into an argument.
func (g *goldenCase) checkInplace(t *testing.T, c call, i int, args []*argument, exact bool) {
	roundOff := tolerance
	if exact {
		roundOff = 1e-6
	}
	x := args[0].tensors
	want := g.Outputs[0]
	if len(x) == 0 || fmt.Sprint(x[0].Shape()) != fmt.Sprint(want.Shape) || x[0].DType() != dtypes[want.DType] {
		return
	}
	torch.ManualSeed(3)
	c.run(t, c.inplace, args)
	want.Check(t, x[0], false, roundOff, fmt.Sprintf("case %d, in place", i))
}
