package optest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
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

var infinity = math.Inf(1)

// tolerance is what values may differ by on another libtorch or CPU than that of
// the golden file, relative to the greater of 1 and the golden value.
const tolerance = 2e-4

// changes are the versions of libtorch that changed what operators give, and what these did
// before.
var changes = []struct {
	major, minor int
	operators    map[string]string
}{
	{2, 0, map[string]string{
		"linalg.Eig":   factor,
		"linalg.Eigh":  factor,
		"linalg.Lstsq": "the residuals had no gradient",

		"torch.Dot":     "Debian's BLAS gives 0 for complex vectors",
		"torch.Vdot":    "Debian's BLAS gives 0 for complex vectors",
		"torch.Matmul":  "Debian's BLAS gives 0 for complex vectors",
		"linalg.Matmul": "Debian's BLAS gives 0 for complex vectors",
	}},
	{2, 13, map[string]string{
		"linalg.Det": "there was no gradient at matrices without inverse",
		"torch.Det":  "there was no gradient at matrices without inverse",
	}},
	{2, 14, map[string]string{"torch.NativeGroupNorm": "it took contiguous tensors only"}},
	{2, 15, map[string]string{
		"fft.FFT2": layouts, "fft.HFFT2": layouts, "fft.IFFT2": layouts,
		"fft.IHFFT2": layouts, "fft.IRFFT2": layouts, "fft.RFFT2": layouts,

		"special.BesselJ0": underivable, "special.BesselJ1": underivable,
		"special.BesselY0": underivable, "special.BesselY1": underivable,
		"special.ModifiedBesselI0": underivable, "special.ModifiedBesselI1": underivable,
		"special.ModifiedBesselK0": underivable, "special.ModifiedBesselK1": underivable,
	}},
}

// ofARM are those that give something else where LAPACK is another, as on arm64.
var ofARM = map[string]string{"linalg.Eig": factor, "linalg.Eigh": factor}

const (
	factor      = "eigenvectors are unique up to a factor"
	layouts     = "MKL refused some layouts"
	underivable = "there was no gradient"
)

// other says why the libtorch in use gives something else for an operator, or "".
func other(op string) string {
	for _, c := range changes {
		if why := c.operators[op]; why != "" && torchtest.Before(c.major, c.minor) {
			return why
		}
	}
	if runtime.GOARCH == "arm64" {
		return ofARM[op]
	}
	return ""
}

// lacks reports whether a call failed since this libtorch has less than that of
// the golden file: an operator, one of its arguments, a dtype or a derivative.
func lacks(err error, header torchtest.Header) bool {
	var e *torch.Error
	if header.Torch == torch.Version() || !errors.As(err, &e) {
		return false
	}
	return e.Kind == torch.UnsupportedError || strings.Contains(e.Message, "not implemented") || strings.Contains(e.Message, "Could not run") ||
		strings.Contains(e.Message, "Expected floating point type")
}

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
			if why := other(op.Go); why != "" {
				t.Skip(why)
			}
			for i, golden := range op.Cases {
				err := torch.Try(func() { golden.check(t, c, i, exact) })
				if lacks(err, header) {
					t.Logf("case %d: libtorch %s lacks it: %v", i, torch.Version(), err)
					continue
				}
				require.NoError(t, err, "case %d", i)
			}
		})
	}
	t.Logf("%d functions and %d in-place methods", functions, inplace)
	assert.GreaterOrEqual(t, functions+inplace, 600)
}

// Every generated function has a case in golden.json.gz, or in byhand.json, which
// elsewhere.json names, or the reason there why it has none.
func TestEveryGeneratedFunctionIsTested(t *testing.T) {
	var elsewhere struct {
		ByHand  map[string]string `json:"by_hand"`
		Without map[string]string
	}
	require.NoError(t, json.Unmarshal(torchtest.ReadFile(t, "testdata/elsewhere.json"), &elsewhere))
	var operators []struct{ Go string }
	torchtest.Golden(t, "testdata/golden.json.gz", &operators)
	places := map[string]int{}
	for _, op := range operators {
		places[op.Go]++
	}
	for name, c := range elsewhere.ByHand {
		places[name]++
		assert.Contains(t, byHand, c, name)
	}
	for name, why := range elsewhere.Without {
		places[name]++
		assert.NotEmpty(t, why, name)
	}
	for name := range calls {
		assert.Equal(t, 1, places[name], "%s needs one place: a case of scripts/golden/operators.py, or a line of testdata/elsewhere.json", name)
	}
	for name := range places {
		assert.Contains(t, calls, name, "is no generated function")
	}
	t.Logf("%d generated functions: %d by PyTorch's samples, %d by hand, %d without a case", len(calls), len(operators),
		len(elsewhere.ByHand), len(elsewhere.Without))
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
