package torch_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
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

var printOps = map[string]func(*torch.Tensor) *torch.Tensor{
	"add":       func(x *torch.Tensor) *torch.Tensor { return x.Add(1) },
	"sub":       func(x *torch.Tensor) *torch.Tensor { return x.Sub(1) },
	"mul":       func(x *torch.Tensor) *torch.Tensor { return x.Mul(2) },
	"div":       func(x *torch.Tensor) *torch.Tensor { return x.Div(2) },
	"neg":       (*torch.Tensor).Neg,
	"pow":       func(x *torch.Tensor) *torch.Tensor { return x.Pow(2) },
	"sum":       func(x *torch.Tensor) *torch.Tensor { return x.Sum() },
	"sum0":      func(x *torch.Tensor) *torch.Tensor { return x.Sum(0) },
	"mean":      func(x *torch.Tensor) *torch.Tensor { return x.Mean() },
	"relu":      torch.ReLU,
	"matmul":    func(x *torch.Tensor) *torch.Tensor { return x.Matmul(x) },
	"view":      func(x *torch.Tensor) *torch.Tensor { return x.View(-1) },
	"t":         (*torch.Tensor).T,
	"transpose": func(x *torch.Tensor) *torch.Tensor { return x.Transpose(0, 1) },
	"permute": func(x *torch.Tensor) *torch.Tensor {
		var dims []int
		for d := x.Dim() - 1; d >= 0; d-- {
			dims = append(dims, d)
		}
		return x.Permute(dims...)
	},
	"select":    func(x *torch.Tensor) *torch.Tensor { return x.Select(0, 0) },
	"narrow":    func(x *torch.Tensor) *torch.Tensor { return x.Narrow(0, 1, 1) },
	"unsqueeze": func(x *torch.Tensor) *torch.Tensor { return x.Unsqueeze(0) },
	"expand":    func(x *torch.Tensor) *torch.Tensor { return x.Expand(append([]int{3}, x.Shape()...)...) },
	"bigexpand": func(x *torch.Tensor) *torch.Tensor { return x.Expand(100000, 100000) },
	"clone":     func(x *torch.Tensor) *torch.Tensor { return x.Clone() },
	"double":    func(x *torch.Tensor) *torch.Tensor { return x.To(torch.Float64) },
	"detach":    (*torch.Tensor).Detach,
	"copyslice": func(x *torch.Tensor) *torch.Tensor {
		x = x.Clone()
		x.Select(0, 0).FillInplace(5)
		return x
	},
	"changedview": func(x *torch.Tensor) (view *torch.Tensor) {
		torch.NoGrad(func() {
			view = x.View(-1)
			view.MulInplace(2)
		})
		return view
	},
	"conj": func(x *torch.Tensor) *torch.Tensor {
		var c torch.Call
		c.Tensor(x)
		return c.One(torch.NewOperator("aten::_conj(Tensor(a) self) -> Tensor(a)"))
	},
	"real": (*torch.Tensor).Real,
	"imag": (*torch.Tensor).Imag,
	"gt":   func(x *torch.Tensor) *torch.Tensor { return x.Gt(1) },

	"sparse":   func(x *torch.Tensor) *torch.Tensor { return x.ToSparse() },
	"hybrid":   func(x *torch.Tensor) *torch.Tensor { return x.ToSparseDim(1) },
	"csr":      func(x *torch.Tensor) *torch.Tensor { return x.ToSparseCSR() },
	"csc":      func(x *torch.Tensor) *torch.Tensor { return x.ToSparseCSC() },
	"bsr":      func(x *torch.Tensor) *torch.Tensor { return x.ToSparseBSR([]int{2, 1}) },
	"bsc":      func(x *torch.Tensor) *torch.Tensor { return x.ToSparseBSC([]int{1, 2}) },
	"requires": func(x *torch.Tensor) *torch.Tensor { return x.SetRequiresGrad(true) },
	"mkldnn": func(x *torch.Tensor) *torch.Tensor {
		var c torch.Call
		c.Tensor(x)
		return c.One(torch.NewOperator("aten::to_mkldnn(Tensor self, ScalarType? dtype=None) -> Tensor"))
	},
	"nested": func(x *torch.Tensor) *torch.Tensor {
		last := x.Select(0, -1)
		return torch.NestedTensor([]*torch.Tensor{x.Select(0, 0), last.Narrow(0, 1, last.Size(0)-1)})
	},
	"nestednothing": func(x *torch.Tensor) *torch.Tensor {
		return torch.NestedTensor([]*torch.Tensor{x.Narrow(0, 0, 0), x.Narrow(1, 0, 0)})
	},
	"qint8":         func(x *torch.Tensor) *torch.Tensor { return torch.QuantizePerTensor(x, 0.1, 2, torch.QInt8) },
	"quint8":        func(x *torch.Tensor) *torch.Tensor { return torch.QuantizePerTensor(x, 1e-5, 0, torch.QUint8) },
	"qint32":        func(x *torch.Tensor) *torch.Tensor { return torch.QuantizePerTensor(x, 2, 0, torch.QInt32) },
	"qchannel":      func(x *torch.Tensor) *torch.Tensor { return quantizeChannels(x, torch.Int64) },
	"qchannelfloat": func(x *torch.Tensor) *torch.Tensor { return quantizeChannels(x, torch.Float32) },
}

// layoutOps are those of printOps that give sparse, nested and quantized tensors.
var layoutOps = map[string]bool{"sparse": true, "hybrid": true, "csr": true, "csc": true, "bsr": true, "bsc": true, "mkldnn": true,
	"nested": true, "nestednothing": true, "qint8": true, "quint8": true, "qint32": true, "qchannel": true, "qchannelfloat": true}

// quantizeChannels quantizes the rows of x.
func quantizeChannels(x *torch.Tensor, zeroPoints torch.DType) *torch.Tensor {
	n := torch.Arange(0, x.Size(0), 1)
	return torch.QuantizePerChannel(x, n.Add(1).Div(8), n.To(zeroPoints), 0, torch.QUint8)
}

// tensor makes the tensor of the case.
func (c *printCase) tensor(t *testing.T) *torch.Tensor {
	var dtype torch.DType
	for d := torch.Uint8; d <= torch.BFloat16; d++ {
		if d.String() == "torch."+c.DType {
			dtype = d
		}
	}
	require.NotZero(t, dtype, c.DType)
	shape := append([]int{}, c.Shape...)
	var x *torch.Tensor
	switch {
	case c.Device != "":
		device, err := torch.ParseDevice(c.Device)
		require.NoError(t, err)
		x = torch.Empty(shape, torch.TensorOptions{DType: dtype, Device: device})
	case c.Recipe != nil:
		n := 1
		for _, size := range shape {
			n *= size
		}
		values := make([]float64, n)
		for i := range values {
			values[i] = float64(float64(i)*c.Recipe[1]) + c.Recipe[0]
		}
		if dtype.IsFloatingPoint() || dtype.IsComplex() {
			x = torch.FromSlice(values, shape...)
		} else {
			x = torch.FromSlice(values, shape...).To(torch.Int64)
		}
	case dtype.IsComplex():
		parts := parsed(t, c.Values, parseFloat)
		values := make([]complex128, len(parts)/2)
		for i := range values {
			values[i] = complex(parts[2*i], parts[2*i+1])
		}
		x = torch.FromSlice(values, shape...)
	case dtype.IsFloatingPoint():
		x = torch.FromSlice(parsed(t, c.Values, parseFloat), shape...)
	case dtype == torch.Bool:
		x = torch.FromSlice(parsed(t, c.Values, strconv.ParseBool), shape...)
	default:
		x = torch.FromSlice(parsed(t, c.Values, parseInt), shape...)
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
	var cases []printCase
	torchtest.Golden(t, "testdata/print.json", &cases)
	require.Greater(t, len(cases), 500)
	defer torch.SetPrintOptions(torch.GetPrintOptions())
	for i, c := range cases {
		t.Run(fmt.Sprintf("%d %s", i, c.Name), func(t *testing.T) {
			if torchtest.Old() && slices.ContainsFunc(c.Ops, func(op string) bool { return layoutOps[op] }) {
				t.Skip("libtorch 1.13.1 converts fewer tensors to other layouts, and its nodes have other names")
			}
			torch.SetPrintOptions(torch.PrintOptions{Profile: "default"})
			torch.SetPrintOptions(torch.PrintOptions{Precision: c.Options.Precision, Threshold: c.Options.Threshold,
				Edgeitems: c.Options.Edgeitems, Linewidth: c.Options.Linewidth, Profile: torch.PrintProfile(c.Options.Profile),
				SciMode: c.Options.SciMode})
			torch.Scope(func() { assert.Equal(t, c.Want, c.tensor(t).String()) })
		})
	}
}

func TestStringOfNoTensor(t *testing.T) {
	var none *torch.Tensor
	assert.Equal(t, "None", none.String())
	assert.Equal(t, "None", fmt.Sprint(none))
	x := torch.FromSlice([]float32{1, 2})
	x.Close()
	assert.Equal(t, "<closed tensor>", x.String())
	assert.Equal(t, "<closed tensor>", fmt.Sprintf("%v", x))
}

func TestStringIsWhatFmtPrints(t *testing.T) {
	x := torch.FromSlice([]float32{1, 2.5})
	defer x.Close()
	for _, format := range []string{"%v", "%s", "%+v"} {
		assert.Equal(t, "tensor([1.0000, 2.5000])", fmt.Sprintf(format, x), format)
	}
	assert.Equal(t, "loss: tensor([1.0000, 2.5000])\n", fmt.Sprintln("loss:", x))
}

func TestStringLeavesNothing(t *testing.T) {
	x := torch.Zeros([]int{50, 50}, torch.TensorOptions{RequiresGrad: true})
	defer x.Close()
	torchtest.Leaks(t, func() {
		y := x.String()
		assert.Contains(t, y, "requires_grad=True")
		torch.Scope(func() { assert.Equal(t, y, x.String()) })
		torch.InferenceMode(func() { assert.Equal(t, y, x.String()) })
	})
	assert.True(t, x.RequiresGrad())
	assert.True(t, torch.IsGradEnabled())
}

func TestStringOfInferenceTensor(t *testing.T) {
	torch.InferenceMode(func() {
		x := torch.Ones([]int{40, 40})
		defer x.Close()
		torch.SetPrintOptions(torch.PrintOptions{Edgeitems: new(1)})
		defer torch.SetPrintOptions(torch.PrintOptions{Profile: "default"})
		assert.Equal(t, "tensor([[1.,  ..., 1.],\n        ...,\n        [1.,  ..., 1.]])", x.String())
	})
}

func TestSetPrintOptions(t *testing.T) {
	defer torch.SetPrintOptions(torch.GetPrintOptions())
	torch.SetPrintOptions(torch.PrintOptions{Profile: "default"})
	standard := torch.PrintOptions{Precision: new(4), Threshold: new(1000), Edgeitems: new(3), Linewidth: new(80)}
	assert.Equal(t, standard, torch.GetPrintOptions())

	torch.SetPrintOptions(torch.PrintOptions{Precision: new(0), SciMode: new(false)})
	want := standard
	want.Precision, want.SciMode = new(0), new(false)
	assert.Equal(t, want, torch.GetPrintOptions())

	// As in Python, a call that does not set SciMode unsets it.
	torch.SetPrintOptions(torch.PrintOptions{Threshold: new(7)})
	want.Threshold, want.SciMode = new(7), nil
	assert.Equal(t, want, torch.GetPrintOptions())

	torch.SetPrintOptions(torch.PrintOptions{Profile: "short", Linewidth: new(100)})
	assert.Equal(t, torch.PrintOptions{Precision: new(2), Threshold: new(1000), Edgeitems: new(2), Linewidth: new(100)},
		torch.GetPrintOptions())
	torch.SetPrintOptions(torch.PrintOptions{Profile: "full"})
	assert.Equal(t, math.MaxInt, *torch.GetPrintOptions().Threshold)

	// What the caller does with a pointer afterwards changes nothing.
	digits, sciMode := 3, true
	torch.SetPrintOptions(torch.PrintOptions{Profile: "default", Precision: &digits, SciMode: &sciMode})
	digits, sciMode = 9, false
	*torch.GetPrintOptions().SciMode = false
	assert.Equal(t, 3, *torch.GetPrintOptions().Precision)
	assert.True(t, *torch.GetPrintOptions().SciMode)
}

func TestSetPrintOptionsRefuses(t *testing.T) {
	before := torch.GetPrintOptions()
	for message, options := range map[string]torch.PrintOptions{
		`torch.SetPrintOptions: unknown profile "long"; want "default", "short" or "full"`: {Profile: "long"},
		"torch.SetPrintOptions: Precision (-1) and Edgeitems (3) must not be negative":     {Precision: new(-1)},
		"torch.SetPrintOptions: Precision (4) and Edgeitems (-2) must not be negative":     {Edgeitems: new(-2)},
	} {
		err := torch.Try(func() { torch.SetPrintOptions(options) })
		require.EqualError(t, err, message)
		assert.ErrorIs(t, err, &torch.Error{Kind: torch.ValueError})
		assert.Equal(t, before, torch.GetPrintOptions())
	}
}

// TestPrintConcurrently prints while the settings change; each text is that of
// one setting or the other.
func TestPrintConcurrently(t *testing.T) {
	defer torch.SetPrintOptions(torch.GetPrintOptions())
	x := torch.FromSlice([]float64{0.5, 1})
	defer x.Close()
	allowed := []string{"tensor([0.5, 1.0], dtype=torch.float64)", "tensor([0.500000, 1.000000], dtype=torch.float64)"}
	torch.SetPrintOptions(torch.PrintOptions{Profile: "default", Precision: new(1)})
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 100 {
				if i%2 == 0 {
					torch.SetPrintOptions(torch.PrintOptions{Precision: new(1 + 5*(i/2%2))})
				}
				assert.Contains(t, allowed, x.String())
			}
		})
	}
	group.Wait()
}

func ExampleSetPrintOptions() {
	defer torch.SetPrintOptions(torch.GetPrintOptions())
	torch.SetPrintOptions(torch.PrintOptions{Precision: new(2)})
	x := torch.FromSlice([]float32{1.12345, -0.5})
	defer x.Close()
	fmt.Println(x)
	// Output: tensor([ 1.12, -0.50])
}

func TestPrintUnsigned(t *testing.T) {
	if torchtest.Old() {
		t.Skip("libtorch 1.13.1 lacks the dtype")
	}
	x := torch.FromSlice([]int64{1, 65535})
	assert.Equal(t, "tensor([    1, 65535], dtype=torch.uint16)", x.To(torch.Uint16).String())
	x = torch.FromSlice([]int64{1, -1}).ViewDType(torch.Uint64)
	assert.Equal(t, "tensor([                   1, 18446744073709551615], dtype=torch.uint64)", x.String())
}

func TestStringWithDefaultDType(t *testing.T) {
	defer torch.SetDefaultDType(torch.DefaultDType())
	torch.SetDefaultDType(torch.Float64)
	double := torch.TensorOptions{DType: torch.Float64}
	assert.Equal(t, "tensor([1.])", torch.Ones([]int{1}, double).String())
	assert.Equal(t, "tensor([])", torch.Ones([]int{0}, double).String())
	assert.Equal(t, "tensor([1.+0.j])", torch.NewTensor([]complex128{1}).String())
	assert.Equal(t, "tensor([1.], dtype=torch.float32)", torch.NewTensor([]float32{1}).String())
	assert.Equal(t, "tensor([1.+0.j], dtype=torch.complex64)", torch.NewTensor([]complex64{1}).String())
}

// Printing makes tensors, of which none stays.
func TestStringOfSparseTensorLeavesNothing(t *testing.T) {
	x := torch.Eye(3).ToSparse()
	before := torchtest.LiveTensors()
	assert.Contains(t, x.String(), "nnz=3, layout=torch.sparse_coo)")
	assert.LessOrEqual(t, torchtest.LiveTensors(), before)
}
