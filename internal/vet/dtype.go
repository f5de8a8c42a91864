package vet

import (
	"go/ast"
	"go/types"
	"regexp"
)

// kind is what is known of a tensor's dtype.
type kind string

// The kinds of dtypes.
const (
	unknown  kind = ""
	floating kind = "floating-point numbers"
	integer  kind = "integers"
	boolean  kind = "bools"
)

// What operators give, by their names, whatever they are given.
var (
	givesFloats     = regexp.MustCompile(`^(Rand|Randn|Linspace|Logspace|Softmax|LogSoftmax|Softmin|Sigmoid|LogSigmoid|Tanh|Exp|Log|Sqrt|Mean|Std|Var|NanMean|TrueDivide|Erf|Sin|Cos|Softplus|GELU|SiLU|.*Loss|CrossEntropy|BinaryCrossEntropy(WithLogits)?|NLLLoss|KLDiv)$`)
	givesIntegers   = regexp.MustCompile(`^(Argmax|Argmin|Argsort|Nonzero|Bincount|CountNonzero|OneHot|Randint|Randperm|Searchsorted|Bucketize|Multinomial|Argwhere)$`)
	givesBools      = regexp.MustCompile(`^(Eq|Ne|Lt|Le|Gt|Ge|Less|Greater|LessEqual|GreaterEqual|NotEqual|LogicalAnd|LogicalOr|LogicalNot|LogicalXor|IsNaN|IsInf|IsFinite|IsClose)$`)
	givesSame       = regexp.MustCompile(`^(View|ViewAs|Reshape|ReshapeAs|Squeeze|Unsqueeze|Flatten|Ravel|Transpose|Permute|T|MT|Index|Select|Slice|Narrow|IndexSelect|Gather|Clone|Detach|Contiguous|Expand|Repeat|RepeatInterleave|Neg|Abs|ReLU|Clamp|Keep|Flip|Roll|Sort|Amax|Amin|Cumsum|Dropout|Sub|Add|Mul|SetRequiresGrad|ZeroInplace|FillInplace|AddInplace|SubInplace|MulInplace|DivInplace|CopyInplace)$`)
	modulesOfFloats = regexp.MustCompile(`Loss$|^Linear$|^Conv[123]d$|^(Log)?Softmax$|^Sigmoid$`)
	givesDefault    = regexp.MustCompile(`^(Zeros|Ones|Empty|Eye)$`)
)

// Names of dtypes.
var (
	floatingNames = regexp.MustCompile(`^(B?Float|Half|Double)`)
	integerNames  = regexp.MustCompile(`^U?[Ii]nt(8|16|32|64)$`)
)

// kindOf returns what is known of a tensor's dtype.
func (c *check) kindOf(e ast.Expr) kind { return c.kindWithin(e, 12) }

func (c *check) kindWithin(e ast.Expr, depth int) kind {
	call, ok := c.valueOf(e).(*ast.CallExpr)
	if !ok || depth == 0 {
		return unknown
	}
	f := c.callee(call)
	if !f.isOurs() {
		return unknown
	}
	if k, given := c.optionKind(call); given {
		return k
	}
	switch {
	case f.path == nnPath && f.name == "Forward" && modulesOfFloats.MatchString(f.receiver):
		return floating
	case f.path != torchPath && f.path != functionalPath || f.receiver != "" && f.receiver != "Tensor":
		return unknown
	case f.name == "FromSlice" || f.name == "NewTensor" && len(call.Args) > 0:
		return kindOfType(leaf(types.Default(c.typeOf(call.Args[0]))))
	case f.name == "To":
		return c.kindOfTargets(call, depth)
	case givesFloats.MatchString(f.name), f.receiver == "" && givesDefault.MatchString(f.name):
		return floating
	case givesIntegers.MatchString(f.name):
		return integer
	case givesBools.MatchString(f.name):
		return boolean
	case f.name == "Sum", f.name == "Prod":
		if k := c.kindWithin(operand(f, call), depth-1); k != boolean {
			return k
		}
		return integer
	case givesSame.MatchString(f.name) && operand(f, call) != nil:
		k := c.kindWithin(operand(f, call), depth-1)
		if (f.name == "Add" || f.name == "Sub" || f.name == "Mul") && k != floating {
			return unknown // the other operand counts, too
		}
		return k
	}
	return unknown
}

// kindOfType returns the kind of the tensors of Go's numbers of a type.
func kindOfType(t types.Type) kind {
	b, ok := t.Underlying().(*types.Basic)
	switch {
	case !ok:
		return unknown
	case b.Info()&types.IsFloat != 0:
		return floating
	case b.Info()&types.IsInteger != 0:
		return integer
	case b.Info()&types.IsBoolean != 0:
		return boolean
	}
	return unknown
}

// kindOfDType returns the kind of a dtype that is written as torch.Float32.
func (c *check) kindOfDType(e ast.Expr) kind {
	s, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok || !isNamed(c.typeOf(e), torchPath, "DType") {
		return unknown
	}
	switch {
	case floatingNames.MatchString(s.Sel.Name):
		return floating
	case integerNames.MatchString(s.Sel.Name):
		return integer
	case s.Sel.Name == "Bool":
		return boolean
	}
	return unknown
}

// kindOfTargets returns the kind of what To gives.
func (c *check) kindOfTargets(call *ast.CallExpr, depth int) kind {
	for _, target := range call.Args {
		switch t := c.typeOf(target); {
		case isNamed(t, torchPath, "DType"):
			return c.kindOfDType(target)
		case !isNamed(t, torchPath, "Device") && !isNamed(t, torchPath, "ToOptions") && !isNamed(t, torchPath, "MemoryFormat"):
			return unknown
		}
	}
	return c.kindWithin(receiver(call), depth-1)
}

// optionKind returns the kind of the dtype that a call's options give, if there are
// options that may give one.
func (c *check) optionKind(call *ast.CallExpr) (k kind, given bool) {
	for _, argument := range call.Args {
		t := c.typeOf(argument)
		name, ok := optionsName(t)
		if !ok || name == "ToOptions" {
			continue
		}
		literal, ok := c.valueOf(argument).(*ast.CompositeLit)
		if !ok {
			return unknown, true
		}
		for _, e := range literal.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok {
				return unknown, true
			}
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "DType" {
				return c.kindOfDType(kv.Value), true
			}
		}
	}
	return unknown, false
}

// dimsOf returns how many dimensions a tensor has, if that is known.
func (c *check) dimsOf(e ast.Expr) (int, bool) {
	call, ok := c.valueOf(e).(*ast.CallExpr)
	if !ok {
		return 0, false
	}
	f := c.callee(call)
	if f.path == functionalPath && f.name == "OneHot" && len(call.Args) > 0 {
		n, ok := c.dimsOf(call.Args[0])
		return n + 1, ok
	}
	if f.path != torchPath || f.receiver != "" && f.receiver != "Tensor" {
		return 0, false
	}
	switch f.name {
	case "FromSlice":
		return max(len(call.Args)-1, 1), !call.Ellipsis.IsValid()
	case "NewTensor":
		elem, dims := nested(c.typeOf(call.Args[0]))
		return dims, !types.IsInterface(elem)
	case "Zeros", "Ones", "Empty", "Rand", "Randn", "Randint":
		at := 0
		if f.name == "Randint" {
			at = 2
		}
		literal, ok := c.valueOf(call.Args[at]).(*ast.CompositeLit)
		if !ok {
			return 0, false
		}
		return len(literal.Elts), true
	case "Randperm", "Arange":
		return 1, true
	case "To", "Clone", "Detach", "Contiguous", "Keep", "Add", "Mul", "Sub", "Div":
		if f.receiver == "Tensor" && (len(f.name) > 3 || f.name == "To" || len(call.Args) > 0 && !isTensor(c.typeOf(call.Args[0]))) {
			return c.dimsOf(receiver(call))
		}
	}
	return 0, false
}
