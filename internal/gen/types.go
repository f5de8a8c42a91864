package main

import (
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// goType is how Go has a type of the schemas: how it is written, and the method
// of torch.Call that passes it.
type goType struct{ name, pass string }

// positionalTypes are those of arguments that are always given.
var positionalTypes = map[string]goType{
	"Tensor":        {"*Tensor", "Tensor"},
	"Tensor?":       {"*Tensor", "Tensor"},
	"Tensor[]":      {"[]*Tensor", "Tensors"},
	"Tensor?[]":     {"[]*Tensor", "Tensors"},
	"Scalar":        {"Number", "Number"},
	"Scalar?":       {"Number", "Number"},
	"Scalar[]":      {"[]Number", "Numbers"},
	"int":           {"int", "Int"},
	"int?":          {"*int", "OptionalInt"},
	"int[]":         {"[]int", "Ints"},
	"int[]?":        {"[]int", "OptionalInts"},
	"float":         {"float64", "Float"},
	"float[]":       {"[]float64", "Floats"},
	"bool":          {"bool", "Bool"},
	"bool?":         {"*bool", "OptionalBool"},
	"str":           {"string", "String"},
	"ScalarType":    {"DType", "DType"},
	"ScalarType?":   {"DType", "DType"},
	"MemoryFormat":  {"MemoryFormat", "MemoryFormat"},
	"Generator?":    {"*Generator", "Generator"},
	"Device":        {"Device", "Device"},
	"Layout":        {"Layout", "Layout"},
	"Layout?":       {"Layout", "Layout"},
	"Device?":       {"Device", "Device"},
	"MemoryFormat?": {"MemoryFormat", "MemoryFormat"},
	"sizes":         {"Sizes", "Sizes"},
	"output sizes":  {"Sizes", "OutputSizes"},
}

// optionTypes are those of the fields of an options struct, whose zero value
// stands for the default.
var optionTypes = map[string]goType{
	"Tensor?":       {"*Tensor", "Tensor"},
	"Tensor[]?":     {"[]*Tensor", "OptionalTensors"},
	"Tensor?[]":     {"[]*Tensor", "Tensors"},
	"Scalar":        {"Number", "Number"},
	"Scalar?":       {"Number", "Number"},
	"int":           {"*int", "OptionalInt"},
	"int?":          {"*int", "OptionalInt"},
	"int[]":         {"[]int", "OptionalInts"},
	"int[]?":        {"[]int", "OptionalInts"},
	"float":         {"*float64", "OptionalFloat"},
	"float?":        {"*float64", "OptionalFloat"},
	"float[]?":      {"[]float64", "OptionalFloats"},
	"bool":          {"*bool", "OptionalBool"},
	"bool?":         {"*bool", "OptionalBool"},
	"str":           {"string", "OptionalString"},
	"str?":          {"string", "OptionalString"},
	"ScalarType?":   {"DType", "DType"},
	"Layout?":       {"Layout", "Layout"},
	"Device?":       {"Device", "Device"},
	"MemoryFormat":  {"MemoryFormat", "MemoryFormat"},
	"MemoryFormat?": {"MemoryFormat", "MemoryFormat"},
	"Generator?":    {"*Generator", "Generator"},
	"sizes":         {"Sizes", "OptionalSizes"},
}

// windows are the arguments whose sized lists Go has as torch.Sizes.
var windows = map[string]bool{
	"kernel_size": true, "stride": true, "padding": true, "dilation": true, "output_padding": true,
}

// zeroDefaults are the options whose default is Go's zero value.
var zeroDefaults = map[[2]string]goType{
	{"bool", "False"}: {"bool", "Bool"},
	{"int", "0"}:      {"int", "Int"},
	{"int?", "0"}:     {"int", "Int"},
	{"float", "0."}:   {"float64", "Float"},
}

// resultTypes are those of results, with the method of torch.Results.
var resultTypes = map[string]goType{
	"Tensor":     {"*Tensor", "Tensor"},
	"Tensor[]":   {"[]*Tensor", "Tensors"},
	"bool":       {"bool", "Bool"},
	"int":        {"int", "Int"},
	"float":      {"float64", "Float"},
	"ScalarType": {"DType", "DType"},
}

// unsized drops the length of a list type, so that "int[2]?" is an int[]?, and
// names that of a window "sizes", that of adaptive pooling "output sizes".
func unsized(a argument) string {
	open, closing := strings.Index(a.typ, "["), strings.Index(a.typ, "]")
	switch {
	case open < 0:
		return a.typ
	case a.name == "output_size" && closing > open+1:
		return "output sizes"
	case windows[a.name] && strings.HasPrefix(a.typ, "int[") && closing > open+1:
		return "sizes"
	}
	return a.typ[:open+1] + a.typ[closing:]
}

// floatOptions are the operators whose options are floats in the signatures of
// torch.nn.functional, though any number in their schemas.
var floatOptions = map[string]bool{
	"celu": true, "hardshrink": true, "hardtanh": true, "leaky_relu": true, "rrelu": true, "softplus": true, "softshrink": true,
}

// modes are the types of strings that choose a mode, by the operator's name
// without its overload, or "", and the argument's.
var modes = map[[2]string]string{
	{"", "reduce"}:               "Reducer",
	{"", "interpolation"}:        "QuantileInterpolation",
	{"", "side"}:                 "Side",
	{"", "pad_mode"}:             "PadMode",
	{"", "norm"}:                 "fft.Norm",
	{"", "UPLO"}:                 "linalg.Triangle",
	{"", "approximate"}:          "functional.Approximation",
	{"linalg_qr", "mode"}:        "linalg.QRMode",
	{"linalg_lstsq", "driver"}:   "linalg.LstsqDriver",
	{"linalg_svd", "driver"}:     "linalg.SVDDriver",
	{"linalg_svdvals", "driver"}: "linalg.SVDDriver",
}

// modeType returns the type of a string that chooses a mode, with a dot before it if
// it is the package's own; false for other arguments.
func (p *goPackage) modeType(op string, a argument) (string, bool) {
	if strings.TrimSuffix(a.typ, "?") != "str" {
		return "", false
	}
	base, _, _ := strings.Cut(op, ".")
	mode, ok := modes[[2]string{base, a.name}]
	if !ok {
		mode, ok = modes[[2]string{"", a.name}]
	}
	if local, is := strings.CutPrefix(mode, p.name); is {
		return local, ok
	}
	return mode, ok
}

// positionalType returns the Go type of an argument that is always given. The
// zero goType says that Go does not offer it.
func (p *goPackage) positionalType(op string, a argument) goType {
	if mode, ok := p.modeType(op, a); ok {
		return goType{mode, "String"}
	}
	return positionalTypes[unsized(a)]
}

// optionType returns the Go type of an option; one that Go does not offer is left
// at its default.
func (p *goPackage) optionType(op string, a argument) goType {
	if mode, ok := p.modeType(op, a); ok {
		return goType{mode, "OptionalString"}
	}
	if base, _, _ := strings.Cut(op, "."); floatOptions[base] && a.typ == "Scalar" {
		return goType{"*float64", "OptionalFloat"}
	}
	if a.name == "implicit" || a.name == "unsafe" { // for libtorch's own use
		return goType{}
	}
	if t, ok := zeroDefaults[[2]string{a.typ, a.def}]; ok {
		return t
	}
	return optionTypes[unsized(a)]
}

// words that are written in a way of their own in Go names.
var spelling = map[string]string{"nan": "NaN", "dtype": "DType", "lu": "LU", "qr": "QR", "svd": "SVD", "gru": "GRU", "lstm": "LSTM", "rnn": "RNN", "ctc": "CTC", "coo": "COO", "uv": "UV", "csr": "CSR", "csc": "CSC", "bsr": "BSR", "bsc": "BSC"}

// upperCamel is "MaskedFill" for "masked_fill".
func upperCamel(name string) string {
	var out strings.Builder
	for w := range strings.SplitSeq(name, "_") {
		switch {
		case w == "":
		case spelling[w] != "":
			out.WriteString(spelling[w])
		default:
			out.WriteString(strings.ToUpper(w[:1]) + w[1:])
		}
	}
	return out.String()
}

// renames are parameters whose names would hide what the generated code uses.
// Where the schemas say something else than PyTorch's keyword arguments do, those are
// taken.
var renames = map[string]string{
	"c": "channels", "o": "other", "options": "optionList", "results": "outputs",
	"self": "input", "theTemplate": "template",
}

// lowerCamel is "maskedFill" for "masked_fill", and "uplo" for "UPLO".
func lowerCamel(name string) string {
	lower := strings.ToLower(name)
	if name != strings.ToUpper(name) {
		first, rest, _ := strings.Cut(strings.Trim(name, "_"), "_")
		if first == strings.ToUpper(first) { // LU_data
			first = strings.ToLower(first)
		}
		lower = strings.ToLower(first[:1]) + first[1:] + upperCamel(rest)
	}
	if renamed, ok := renames[lower]; ok {
		return renamed
	}
	if token.IsKeyword(lower) {
		return lower + "s"
	}
	return lower
}

// inGo is the default of an option in Go's words, def being the schema's and typ the
// option's type in Go.
func inGo(def, typ string) string {
	switch def {
	case "None":
		if strings.HasPrefix(typ, "*") || strings.HasPrefix(typ, "[]") || slices.Contains([]string{"any", "Number", "Operand", "Sizes"}, typ) {
			return "nil"
		}
		return "none"
	case "True", "False":
		return strings.ToLower(def)
	}
	if strings.HasPrefix(def, "[") {
		return strings.NewReplacer("[", "{", "]", "}").Replace(def)
	}
	if v, err := strconv.ParseFloat(def, 64); err == nil {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return def
}
