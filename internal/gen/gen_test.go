package main

import (
	"go/format"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseSchema(t *testing.T) {
	s, err := parseSchema("aten::topk(Tensor(a!) self, SymInt k, int[2] size=[1, 1], *, Tensor(a -> *)[] list, str? mode=None) -> (Tensor values, Tensor(b) indices)")
	require.NoError(t, err)
	assert.Equal(t, "topk", s.name)
	assert.Equal(t, []argument{
		{typ: "Tensor", name: "self"},
		{typ: "int", name: "k"},
		{typ: "int[2]", name: "size", def: "[1, 1]", optional: true},
		{typ: "Tensor[]", name: "list"},
		{typ: "str?", name: "mode", def: "None", optional: true},
	}, s.args)
	assert.Equal(t, []result{{"Tensor", "values"}, {"Tensor", "indices"}}, s.results)
	_, err = parseSchema("aten::broken(Tensor self")
	assert.Error(t, err)
}

func TestParseDeclarations(t *testing.T) {
	got := parseDeclarations("- func: pow.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor\n  variants: function, method\n\n- func: numel(Tensor self) -> int\n  variants: method\n- func: zeros(int[] size) -> Tensor\n")
	assert.Equal(t, map[string]declaration{
		"pow.Tensor_Scalar": {method: true, function: true},
		"numel":             {method: true},
		"zeros":             {function: true},
	}, got)
}

// pows are the overloads of an operator that has every form.
func pows() *library {
	lib := &library{schemas: map[string]string{}, declarations: map[string]declaration{}}
	for name, text := range map[string]string{
		"pow.Tensor_Tensor": "aten::pow.Tensor_Tensor(Tensor self, Tensor exponent, *, bool fast=False, int? n=None) -> Tensor",
		"pow.Tensor_Scalar": "aten::pow.Tensor_Scalar(Tensor self, Scalar exponent, *, bool fast=False, int? n=None) -> Tensor",
		"pow.Scalar":        "aten::pow.Scalar(Scalar self, Tensor exponent, *, bool fast=False, int? n=None) -> Tensor",
		"pow_.Tensor":       "aten::pow_.Tensor(Tensor(a!) self, Tensor exponent, *, bool fast=False, int? n=None) -> Tensor(a!)",
		"pow_.Scalar":       "aten::pow_.Scalar(Tensor(a!) self, Scalar exponent, *, bool fast=False, int? n=None) -> Tensor(a!)",
	} {
		lib.schemas[name] = text
		lib.declarations[name] = declaration{method: true, function: name[:4] != "pow_"}
	}
	return lib
}

func TestSource(t *testing.T) {
	pkg := &goPackage{name: "torch", pages: "https://example.com/torch.%s.html"}
	entries := []entry{
		{op: "pow.Tensor_Tensor", number: "pow.Tensor_Scalar", left: only("pow.Scalar"), doc: "returns powers."},
		{op: "power", alias: "pow.Tensor_Tensor"},
	}
	source, err := pkg.source(table{"pows", entries, ""}, pows(), map[string]bool{}, &callTable{})
	require.NoError(t, err)
	formatted, err := format.Source([]byte(source))
	require.NoError(t, err)
	for _, want := range []string{
		"DO NOT EDIT",
		"opPowTensorTensor  = NewOperator(\"aten::pow.Tensor_Tensor(",
		"type PowOptions struct {\n\tFast bool // default: false\n\tN    *int // default: nil\n}",
		"// Pow returns powers.\n//\n// https://example.com/torch.pow.html\nfunc (x *Tensor) Pow(exponent Operand, options ...PowOptions) *Tensor {",
		"\tc.OptionalInt(o.N)\n\tif !c.IsTensor(exponent) {\n\t\treturn c.One(opPowTensorScalar)\n\t}\n\treturn c.One(opPowTensorTensor)\n}",
		"func Pow(x, exponent Operand, options ...PowOptions) *Tensor {\n\tif self, ok := x.(*Tensor); ok {\n\t\treturn self.Pow(exponent, options...)\n\t}\n",
		"func (x *Tensor) PowInplace(exponent Operand, options ...PowOptions) *Tensor {",
		"\t\tc.Do(opPowScalarInplace)\n\t\treturn x\n",
		"func (x *Tensor) Power(exponent Operand, options ...PowOptions) *Tensor {\n\treturn x.Pow(exponent, options...)\n}",
		"func Power(x, exponent Operand, options ...PowOptions) *Tensor {",
		"func (x *Tensor) PowerInplace(",
	} {
		assert.Contains(t, string(formatted), want)
	}
}

func TestSourceInAnotherPackage(t *testing.T) {
	pkg := &goPackage{name: "special", prefix: "special_", pages: "https://example.com/%s"}
	lib := &library{schemas: map[string]string{
		"special_round":   "aten::special_round(Tensor self, *, int decimals=0) -> Tensor",
		"special_spacing": "aten::special_spacing(int n, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor",
	}}
	source, err := pkg.source(table{"special", []entry{{op: "special_round", doc: "rounds."}, {op: "special_spacing", doc: "spaces."}}, ""}, lib, map[string]bool{}, &callTable{})
	require.NoError(t, err)
	for _, want := range []string{
		"import (\n\t\"github.com/wangkuiyi/gotorch/internal/option\"\n\t\"github.com/wangkuiyi/gotorch/torch\"\n)",
		"func Round(x *torch.Tensor, options ...RoundOptions) *torch.Tensor {",
		"func Spacing(n int, options ...torch.TensorOptions) *torch.Tensor {",
		"c.Factory(&o)\n\treturn c.New(opSpecialSpacing, &o)",
	} {
		assert.Contains(t, source, want)
	}
}

func TestSizes(t *testing.T) {
	pkg := &goPackage{name: "functional", pages: "%s"}
	lib := &library{schemas: map[string]string{
		"conv":     "aten::conv(Tensor input, SymInt[2] kernel_size, SymInt[2] stride=[1, 1], int[2] padding=0, int[] sizes=[]) -> Tensor",
		"conv.str": "aten::conv.str(Tensor input, SymInt[2] kernel_size, SymInt[2] stride=[1, 1], str padding=\"valid\", int[] sizes=[]) -> Tensor",
	}}
	source, err := pkg.source(table{"t", []entry{{op: "conv", str: "conv.str", doc: "convolves."}}, ""}, lib, map[string]bool{}, &callTable{})
	require.NoError(t, err)
	for _, want := range []string{
		"\tStride torch.Sizes // default: {1, 1}\n\tPadding any // sizes or a str; default: 0\n\tSizes []int // default: {}\n",
		"func Conv(input *torch.Tensor, kernelSize torch.Sizes, options ...ConvOptions) *torch.Tensor {",
		"\tc.Sizes(kernelSize)\n\tc.OptionalSizes(o.Stride)\n\tc.SizesOrString(o.Padding)\n\tc.OptionalInts(o.Sizes)\n" +
			"\tif _, ok := o.Padding.(string); ok {\n\treturn c.One(opConvStr)\n\t}\n\treturn c.One(opConv)\n",
	} {
		assert.Contains(t, source, want)
	}
}

func TestOutputSizes(t *testing.T) {
	pkg := &goPackage{name: "functional", pages: "%s"}
	lib := &library{schemas: map[string]string{"pool": "aten::pool(Tensor self, SymInt[2] output_size) -> Tensor"}}
	source, err := pkg.source(table{"t", []entry{{op: "pool", doc: "pools."}}, ""}, lib, map[string]bool{}, &callTable{})
	require.NoError(t, err)
	assert.Contains(t, source, "func Pool(x *torch.Tensor, outputSize torch.Sizes) *torch.Tensor {\n\tvar c torch.Call\n\tc.Tensor(x)\n\tc.OutputSizes(outputSize, x)\n")
}

func TestSourceErrors(t *testing.T) {
	pkg := &goPackage{name: "torch", pages: "%s"}
	for want, entries := range map[string][]entry{
		"absent: libtorch has no absent":                 {{op: "absent"}},
		"cube: an alias of what the table does not have": {{op: "power", alias: "cube"}},
	} {
		_, err := pkg.source(table{"t", entries, ""}, pows(), map[string]bool{}, &callTable{})
		assert.ErrorContains(t, err, want)
	}
}

func TestDefaultsAreGos(t *testing.T) {
	for _, c := range []struct{ def, typ, want string }{
		{"None", "*int", "nil"}, {"None", "[]int", "nil"}, {"None", "DType", "none"}, {"None", "Sizes", "nil"},
		{"True", "*bool", "true"}, {"False", "bool", "false"}, {"1", "int", "1"}, {"-1", "*int", "-1"},
		{"1.", "*float64", "1"}, {"1.0000000000000001e-05", "*float64", "1e-05"}, {"0.33333333333333331", "*float64", "0.3333333333333333"},
		{"[-2, -1]", "[]int", "{-2, -1}"}, {"[]", "[]int", "{}"}, {`"linear"`, "string", `"linear"`},
	} {
		assert.Equal(t, c.want, inGo(c.def, c.typ), c.def)
	}
}

func TestParametersHavePyTorchsNames(t *testing.T) {
	for name, want := range map[string]string{
		"masked_fill": "maskedFill", "UPLO": "uplo", "LU_data": "luData", "The_template": "template", "self": "input", "range": "ranges",
	} {
		assert.Equal(t, want, lowerCamel(name), name)
	}
}
