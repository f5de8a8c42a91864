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
	assert.Equal(t, []string{"Tensor", "Tensor"}, s.results)
	_, err = parseSchema("aten::broken(Tensor self")
	assert.Error(t, err)
}

func TestGenerate(t *testing.T) {
	schemas := map[string]string{
		"aten::pow.Tensor_Tensor": "aten::pow.Tensor_Tensor(Tensor self, Tensor exponent, *, bool fast=False, int? n=None) -> Tensor",
		"aten::pow.Tensor_Scalar": "aten::pow.Tensor_Scalar(Tensor self, Scalar exponent, *, bool fast=False, int? n=None) -> Tensor",
		"aten::pow_.Tensor":       "aten::pow_.Tensor(Tensor(a!) self, Tensor exponent, *, bool fast=False, int? n=None) -> Tensor(a!)",
		"aten::pow_.Scalar":       "aten::pow_.Scalar(Tensor(a!) self, Scalar exponent, *, bool fast=False, int? n=None) -> Tensor(a!)",
	}
	source, err := generate([]entry{{op: "pow.Tensor_Tensor", scalar: "pow.Tensor_Scalar", name: "Pow", forms: "mfi", doc: "returns powers."}}, schemas)
	require.NoError(t, err)
	formatted, err := format.Source([]byte(source))
	require.NoError(t, err)
	text := string(formatted)
	for _, want := range []string{
		"DO NOT EDIT",
		"opPowTensorTensor  = NewOperator(\"aten::pow.Tensor_Tensor(",
		"type PowOptions struct {\n\tFast bool // default: False\n\tN    *int // default: None\n}",
		"// Pow returns powers.\n//\n// https://docs.pytorch.org/docs/stable/generated/torch.pow.html\nfunc (x *Tensor) Pow(exponent Operand, options ...PowOptions) *Tensor {",
		"\tif o.N != nil {\n\t\tc.Int(*o.N)\n\t} else {\n\t\tc.Default()\n\t}\n\tif !isTensor(exponent) {\n\t\treturn c.One(opPowTensorScalar)\n\t}\n\treturn c.One(opPowTensorTensor)\n}",
		"func Pow(x *Tensor, exponent Operand, options ...PowOptions) *Tensor {\n\treturn x.Pow(exponent, options...)\n}",
		"func (x *Tensor) PowInplace(exponent Operand, options ...PowOptions) *Tensor {",
		"\t\tc.Do(opPowScalarInplace)\n\t\treturn x\n",
	} {
		assert.Contains(t, text, want)
	}
	_, err = generate([]entry{{op: "absent", name: "Absent", forms: "m"}}, schemas)
	assert.ErrorContains(t, err, "absent: libtorch has no absent")
}
