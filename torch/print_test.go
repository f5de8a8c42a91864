package torch

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// printCase is a case of testdata/print.json, which scripts/golden/printing.py
// makes and describes.
type printCase struct {
	Name    string
	DType   string
	Shape   []int
	Values  []string
	Recipe  []float64
	Device  string
	Grad    bool
	Ops     []string
	Options struct {
		Precision, Threshold, Edgeitems, Linewidth *int
		Profile                                    string
		SciMode                                    *bool `json:"sci_mode"`
	}
	Want string
}

var printOps = map[string]func(*Tensor) *Tensor{
	"add":       func(x *Tensor) *Tensor { return x.Add(1) },
	"sub":       func(x *Tensor) *Tensor { return x.Sub(1) },
	"mul":       func(x *Tensor) *Tensor { return x.Mul(2) },
	"div":       func(x *Tensor) *Tensor { return x.Div(2) },
	"neg":       (*Tensor).Neg,
	"pow":       func(x *Tensor) *Tensor { return x.Pow(2) },
	"sum":       func(x *Tensor) *Tensor { return x.Sum() },
	"sum0":      func(x *Tensor) *Tensor { return x.Sum(0) },
	"mean":      func(x *Tensor) *Tensor { return x.Mean() },
	"relu":      ReLU,
	"matmul":    func(x *Tensor) *Tensor { return x.Matmul(x) },
	"view":      func(x *Tensor) *Tensor { return x.View(-1) },
	"t":         (*Tensor).T,
	"transpose": func(x *Tensor) *Tensor { return x.Transpose(0, 1) },
	"permute": func(x *Tensor) *Tensor {
		var dims []int
		for d := x.Dim() - 1; d >= 0; d-- {
			dims = append(dims, d)
		}
		return x.Permute(dims...)
	},
	"select":    func(x *Tensor) *Tensor { return x.Select(0, 0) },
	"narrow":    func(x *Tensor) *Tensor { return x.Narrow(0, 1, 1) },
	"unsqueeze": func(x *Tensor) *Tensor { return x.Unsqueeze(0) },
	"expand":    func(x *Tensor) *Tensor { return x.Expand(append([]int{3}, x.Shape()...)...) },
	"bigexpand": func(x *Tensor) *Tensor { return x.Expand(100000, 100000) },
	"clone":     (*Tensor).Clone,
	"double":    func(x *Tensor) *Tensor { return x.To(Float64) },
	"detach":    (*Tensor).Detach,
	"copyslice": func(x *Tensor) *Tensor {
		x = x.Clone()
		x.Select(0, 0).FillInplace(5)
		return x
	},
	"changedview": func(x *Tensor) (view *Tensor) {
		NoGrad(func() {
			view = x.View(-1)
			view.MulInplace(2)
		})
		return view
	},
	"conj": func(x *Tensor) *Tensor {
		var c Call
		c.Tensor(x)
		return c.One(NewOperator("aten::_conj(Tensor(a) self) -> Tensor(a)"))
	},
	"real": (*Tensor).Real,
	"imag": (*Tensor).Imag,
	"gt":   func(x *Tensor) *Tensor { return x.Gt(1) },
}

// tensor makes the tensor of the case.
func (c *printCase) tensor(t *testing.T) *Tensor {
	var dtype DType
	for d, name := range dtypeNames {
		if name == "torch."+c.DType {
			dtype = d
		}
	}
	require.NotZero(t, dtype, c.DType)
	shape := append([]int{}, c.Shape...)
	var x *Tensor
	switch {
	case c.Device != "":
		device, err := ParseDevice(c.Device)
		require.NoError(t, err)
		x = Empty(shape, TensorOptions{DType: dtype, Device: device})
	case c.Recipe != nil:
		values := make([]float64, product(shape))
		for i := range values {
			values[i] = float64(float64(i)*c.Recipe[1]) + c.Recipe[0]
		}
		if dtype.IsFloatingPoint() || dtype.IsComplex() {
			x = FromSlice(values, shape...)
		} else {
			x = FromSlice(values, shape...).To(Int64)
		}
	case dtype.IsComplex():
		parts := parsed(t, c.Values, parseFloat)
		values := make([]complex128, len(parts)/2)
		for i := range values {
			values[i] = complex(parts[2*i], parts[2*i+1])
		}
		x = FromSlice(values, shape...)
	case dtype.IsFloatingPoint():
		x = FromSlice(parsed(t, c.Values, parseFloat), shape...)
	case dtype == Bool:
		x = FromSlice(parsed(t, c.Values, strconv.ParseBool), shape...)
	default:
		x = FromSlice(parsed(t, c.Values, parseInt), shape...)
	}
	x = x.To(dtype).SetRequiresGrad(c.Grad)
	for _, op := range c.Ops {
		require.Contains(t, printOps, op)
		x = printOps[op](x)
	}
	return x
}

func parseFloat(text string) (float64, error) { return strconv.ParseFloat(text, 64) }

func parseInt(text string) (int64, error) { return strconv.ParseInt(text, 10, 64) }

func parsed[T any](t *testing.T, text []string, parse func(string) (T, error)) []T {
	values := make([]T, len(text))
	for i := range text {
		var err error
		values[i], err = parse(text[i])
		require.NoError(t, err)
	}
	return values
}

// TestStringGolden compares the text of tensors with Python's, to the character.
func TestStringGolden(t *testing.T) {
	data, err := os.ReadFile("testdata/print.json")
	require.NoError(t, err)
	var golden struct {
		Header struct{ Torch, Script string }
		Cases  []printCase
	}
	require.NoError(t, json.Unmarshal(data, &golden))
	require.Greater(t, len(golden.Cases), 150)
	defer SetPrintOptions(GetPrintOptions())
	for i, c := range golden.Cases {
		t.Run(fmt.Sprintf("%d %s", i, c.Name), func(t *testing.T) {
			SetPrintOptions(PrintOptions{Profile: "default"})
			SetPrintOptions(PrintOptions{Precision: c.Options.Precision, Threshold: c.Options.Threshold,
				Edgeitems: c.Options.Edgeitems, Linewidth: c.Options.Linewidth, Profile: c.Options.Profile,
				SciMode: c.Options.SciMode})
			Scope(func() { assert.Equal(t, c.Want, c.tensor(t).String(), "torch %s", golden.Header.Torch) })
		})
	}
}

func TestStringOfNoTensor(t *testing.T) {
	var none *Tensor
	assert.Equal(t, "None", none.String())
	assert.Equal(t, "None", fmt.Sprint(none))
	x := FromSlice([]float32{1, 2})
	x.Close()
	assert.Equal(t, "<closed tensor>", x.String())
	assert.Equal(t, "<closed tensor>", fmt.Sprintf("%v", x))
}

func TestStringIsWhatFmtPrints(t *testing.T) {
	x := FromSlice([]float32{1, 2.5})
	defer x.Close()
	for _, format := range []string{"%v", "%s", "%+v"} {
		assert.Equal(t, "tensor([1.0000, 2.5000])", fmt.Sprintf(format, x), format)
	}
	assert.Equal(t, "loss: tensor([1.0000, 2.5000])\n", fmt.Sprintln("loss:", x))
}

func TestStringLeavesNothing(t *testing.T) {
	x := Zeros([]int{50, 50}, TensorOptions{RequiresGrad: true})
	defer x.Close()
	before := LiveTensors()
	y := x.String()
	assert.Contains(t, y, "requires_grad=True")
	assert.Equal(t, before, LiveTensors())
	Scope(func() { assert.Equal(t, y, x.String()) })
	InferenceMode(func() { assert.Equal(t, y, x.String()) })
	assert.Equal(t, before, LiveTensors())
	assert.True(t, x.RequiresGrad())
	assert.True(t, IsGradEnabled())
}

func TestStringOfInferenceTensor(t *testing.T) {
	InferenceMode(func() {
		x := Ones([]int{40, 40})
		defer x.Close()
		SetPrintOptions(PrintOptions{Edgeitems: new(1)})
		defer SetPrintOptions(PrintOptions{Profile: "default"})
		assert.Equal(t, "tensor([[1.,  ..., 1.],\n        ...,\n        [1.,  ..., 1.]])", x.String())
	})
}

// TestStringOfSparseTensor asserts this package's own format, not Python's.
func TestStringOfSparseTensor(t *testing.T) {
	Scope(func() {
		var c Call
		c.Tensor(Ones([]int{40, 40}))
		c.Int(2)
		x := c.One(NewOperator("aten::to_sparse.sparse_dim(Tensor self, int sparse_dim) -> Tensor"))
		assert.Equal(t, "tensor(..., size=(40, 40), layout=torch.sparse_coo)", x.String())
	})
}

// TestShownOnCUDA needs no CUDA: it makes the text of a tensor that is not there.
func TestShownOnCUDA(t *testing.T) {
	o := printProfiles["default"]
	s := shown{shape: []int{2}, dtype: Float32, device: CUDA(0), cells: floatCells([]float64{1, 2}, &o)}
	assert.Equal(t, "tensor([1., 2.], device='cuda:0')", s.text(&o))
	s.dtype, s.device, s.gradFn, s.requiresGrad = Complex128, CUDA(1), "AddBackward0", true
	assert.Equal(t, "tensor([1., 2.], device='cuda:1', dtype=torch.complex128,\n       grad_fn=<AddBackward0>)", s.text(&o))
}

func TestSetPrintOptions(t *testing.T) {
	defer SetPrintOptions(GetPrintOptions())
	SetPrintOptions(PrintOptions{Profile: "default"})
	standard := PrintOptions{Precision: new(4), Threshold: new(1000), Edgeitems: new(3), Linewidth: new(80)}
	assert.Equal(t, standard, GetPrintOptions())

	SetPrintOptions(PrintOptions{Precision: new(0), SciMode: new(false)})
	want := standard
	want.Precision, want.SciMode = new(0), new(false)
	assert.Equal(t, want, GetPrintOptions())

	// As in Python, a call that does not set SciMode unsets it.
	SetPrintOptions(PrintOptions{Threshold: new(7)})
	want.Threshold, want.SciMode = new(7), nil
	assert.Equal(t, want, GetPrintOptions())

	SetPrintOptions(PrintOptions{Profile: "short", Linewidth: new(100)})
	assert.Equal(t, PrintOptions{Precision: new(2), Threshold: new(1000), Edgeitems: new(2), Linewidth: new(100)},
		GetPrintOptions())
	SetPrintOptions(PrintOptions{Profile: "full"})
	assert.Equal(t, math.MaxInt, *GetPrintOptions().Threshold)

	// What the caller does with a pointer afterwards changes nothing.
	digits, sciMode := 3, true
	SetPrintOptions(PrintOptions{Profile: "default", Precision: &digits, SciMode: &sciMode})
	digits, sciMode = 9, false
	*GetPrintOptions().SciMode = false
	assert.Equal(t, 3, *GetPrintOptions().Precision)
	assert.True(t, *GetPrintOptions().SciMode)
}

func TestSetPrintOptionsRefuses(t *testing.T) {
	before := GetPrintOptions()
	for message, options := range map[string]PrintOptions{
		`torch.SetPrintOptions: unknown profile "long"; want "default", "short" or "full"`: {Profile: "long"},
		"torch.SetPrintOptions: Precision (-1) and Edgeitems (3) must not be negative":     {Precision: new(-1)},
		"torch.SetPrintOptions: Precision (4) and Edgeitems (-2) must not be negative":     {Edgeitems: new(-2)},
	} {
		err := Try(func() { SetPrintOptions(options) })
		require.EqualError(t, err, message)
		assert.ErrorIs(t, err, &Error{Kind: ValueError})
		assert.Equal(t, before, GetPrintOptions())
	}
}

// TestPrintConcurrently prints while the settings change; each text is that of
// one setting or the other.
func TestPrintConcurrently(t *testing.T) {
	defer SetPrintOptions(GetPrintOptions())
	x := FromSlice([]float64{0.5, 1})
	defer x.Close()
	allowed := []string{"tensor([0.5, 1.0], dtype=torch.float64)", "tensor([0.500000, 1.000000], dtype=torch.float64)"}
	SetPrintOptions(PrintOptions{Profile: "default", Precision: new(1)})
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 100 {
				if i%2 == 0 {
					SetPrintOptions(PrintOptions{Precision: new(1 + 5*(i/2%2))})
				}
				assert.Contains(t, allowed, x.String())
			}
		})
	}
	group.Wait()
}

func ExampleSetPrintOptions() {
	defer SetPrintOptions(GetPrintOptions())
	SetPrintOptions(PrintOptions{Precision: new(2)})
	x := FromSlice([]float32{1.12345, -0.5})
	defer x.Close()
	fmt.Println(x)
	// Output: tensor([ 1.12, -0.50])
}
