package port

import (
	"go/types"
	"strings"
)

// The lattice of types is Go's own: nil is what is not known yet, the type of nil is
// Python's None, and joining two types gives one that holds both.

var (
	intType    = types.Typ[types.Int]
	floatType  = types.Typ[types.Float64]
	boolType   = types.Typ[types.Bool]
	stringType = types.Typ[types.String]
	errorType  = types.Universe.Lookup("error").Type()
	noneType   = types.Typ[types.UntypedNil]
	// conflict is what no Go variable can hold.
	conflict = types.Typ[types.Invalid]
	// emptyList is a list to which nothing was added yet.
	emptyList = types.NewSlice(conflict)
)

// kinds are the types of the API that the translation knows by name.
type kinds struct {
	tensor, tensors                     types.Type
	layer, anyModule, module, optimizer types.Type
	scheduler                           types.Type
	dtype, device                       types.Type
	sequential, lstmState, sizes        types.Type
	several                             map[types.Type]bool              // modules of the files whose Forward gives several results
	records                             func(a, b types.Type) types.Type // which joins them
}

func newKinds(a *api) kinds {
	pointer := func(folder, name string) types.Type { return types.NewPointer(a.named(folder, name)) }
	tensor := pointer("torch", "Tensor")
	return kinds{
		several: map[types.Type]bool{},
		tensor:  tensor, tensors: types.NewSlice(tensor),
		layer: a.named("torch/nn", "Layer"), anyModule: a.named("torch/nn", "AnyModule"), module: a.named("torch/nn", "Module"),
		optimizer: a.named("torch/optim", "Optimizer"), scheduler: a.named("torch/optim/lrscheduler", "Scheduler"),
		dtype: a.named("torch", "DType"), device: a.named("torch", "Device"),
		sequential: pointer("torch/nn", "Sequential"), lstmState: pointer("torch/nn", "LSTMState"), sizes: a.named("torch", "Sizes"),
	}
}

// solid turns the types of constants into those of variables.
func solid(t types.Type) types.Type {
	if b, ok := t.(*types.Basic); ok {
		switch b.Kind() {
		case types.UntypedInt:
			return intType
		case types.UntypedFloat:
			return floatType
		case types.UntypedString:
			return stringType
		case types.UntypedBool:
			return boolType
		}
	}
	return t
}

func same(a, b types.Type) bool {
	return a == b || a != nil && b != nil && types.Identical(a, b)
}

func isBasic(t types.Type, want *types.Basic) bool { return t != nil && same(solid(t), want) }

func isInt(t types.Type) bool    { return isBasic(t, intType) }
func isFloat(t types.Type) bool  { return isBasic(t, floatType) }
func isNumber(t types.Type) bool { return isInt(t) || isFloat(t) }
func isString(t types.Type) bool { return isBasic(t, stringType) }
func isBool(t types.Type) bool   { return isBasic(t, boolType) }

// elem returns what a slice holds, or nil.
func elem(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	if s, ok := t.Underlying().(*types.Slice); ok {
		return s.Elem()
	}
	return nil
}

// optional returns what a pointer to a number, text or bool points to, or nil: Python's
// Optional.
func optional(t types.Type) types.Type {
	if p, ok := t.(*types.Pointer); ok {
		if b, ok := p.Elem().(*types.Basic); ok {
			return b
		}
	}
	return nil
}

// nilable reports whether a Go variable of the type can be nil.
func nilable(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Slice, *types.Map, *types.Interface, *types.Signature:
		return true
	}
	return false
}

// anything reports whether t is the empty interface, under any name.
func anything(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.Empty()
}

// aliasName returns the name that the API calls a type by: Sizes, Number, Operand.
func aliasName(t types.Type) string {
	if a, ok := t.(*types.Alias); ok {
		return a.Obj().Name()
	}
	return ""
}

// join returns the type of a variable that holds both.
func (k *kinds) join(a, b types.Type) types.Type {
	a, b = solid(a), solid(b)
	switch {
	case a == nil || same(a, b):
		return b
	case b == nil:
		return a
	case a == noneType:
		return k.orNone(b)
	case b == noneType:
		return k.orNone(a)
	case a == emptyDict && isDict(b):
		return b
	case b == emptyDict && isDict(a):
		return a
	case a == conflict || b == conflict:
		return conflict
	case isNumber(a) && isNumber(b):
		return floatType
	case optional(a) != nil && (same(optional(a), b) || isFloat(optional(a)) && isInt(b)):
		return a
	case optional(b) != nil && (same(optional(b), a) || isFloat(optional(b)) && isInt(a)):
		return b
	case optional(a) != nil && optional(b) != nil && isNumber(optional(a)) && isNumber(optional(b)):
		return types.NewPointer(floatType)
	case same(a, k.tensor) && isNumber(b), same(b, k.tensor) && isNumber(a):
		return k.tensor
	case isInt(a) && isInt(elem(b)) && elem(b) != nil, isInt(b) && elem(a) != nil && isInt(elem(a)):
		return k.sizes
	case a == k.sizes && (isInt(b) || isInt(elem(b))), b == k.sizes && (isInt(a) || isInt(elem(a))):
		return k.sizes
	case elem(a) != nil && elem(b) != nil && elem(a) == conflict:
		return b
	case elem(a) != nil && elem(b) != nil && elem(b) == conflict:
		return a
	case same(a, k.lstmState) && k.isPair(b), same(b, k.lstmState) && k.isPair(a):
		return k.lstmState
	case elem(a) != nil && elem(b) != nil:
		if e := k.join(elem(a), elem(b)); e != conflict {
			return types.NewSlice(e)
		}
	case k.isLayer(a) && k.isLayer(b):
		return k.layer
	case k.isModule(a) && k.isModule(b):
		return k.anyModule
	case k.implements(a, k.optimizer) && k.implements(b, k.optimizer):
		return k.optimizer
	case k.implements(a, k.scheduler) && k.implements(b, k.scheduler):
		return k.scheduler
	}
	ta, ok := a.(*types.Tuple)
	tb, ok2 := b.(*types.Tuple)
	if ok != ok2 && k.padded(ta, b) {
		return a
	} else if ok != ok2 && k.padded(tb, a) {
		return b
	}
	if ok && ok2 && ta.Len() == tb.Len() {
		vars := make([]*types.Var, ta.Len())
		for i := range vars {
			vars[i] = types.NewVar(0, nil, ta.At(i).Name(), k.join(ta.At(i).Type(), tb.At(i).Type()))
		}
		return types.NewTuple(vars...)
	}
	if r := k.records(a, b); r != nil {
		return r
	}
	if types.AssignableTo(a, b) {
		return b
	}
	if types.AssignableTo(b, a) {
		return a
	}
	return conflict
}

// padded reports whether a function that returns several values may return but the
// first, and nil for the others.
func (k *kinds) padded(several *types.Tuple, one types.Type) bool {
	if several == nil || several.Len() < 2 || !same(several.At(0).Type(), one) {
		return false
	}
	for i := 1; i < several.Len(); i++ {
		if !nilable(several.At(i).Type()) {
			return false
		}
	}
	return true
}

// orNone returns the type of what may be None.
func (k *kinds) orNone(t types.Type) types.Type {
	if b, ok := t.(*types.Basic); ok && b.Kind() != types.UntypedNil && b.Kind() != types.Invalid {
		return types.NewPointer(t)
	}
	if t == k.device {
		return conflict
	}
	if same(t, k.sequential) {
		return k.layer // a nil *Sequential would be no nil Layer
	}
	return t
}

// isPair reports whether t is two tensors: the state of an LSTM.
func (k *kinds) isPair(t types.Type) bool {
	tuple, ok := t.(*types.Tuple)
	return ok && tuple.Len() == 2 && k.isTensor(tuple.At(0).Type()) && k.isTensor(tuple.At(1).Type())
}

func (k *kinds) implements(t, of types.Type) bool {
	i, ok := of.Underlying().(*types.Interface)
	return ok && t != nil && types.Implements(t, i)
}

func (k *kinds) isLayer(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok && k.several[p.Elem()] {
		return false
	}
	return t != nil && (t == k.layer || k.implements(t, k.layer))
}
func (k *kinds) isModule(t types.Type) bool { return t != nil && k.implements(t, k.anyModule) }
func (k *kinds) isTensor(t types.Type) bool { return same(t, k.tensor) }

// typeText writes a type as the ported file does, and any for what is not known.
func typeText(t types.Type) string {
	if tuple, ok := t.(*types.Tuple); ok {
		parts := make([]string, tuple.Len())
		for i := range parts {
			parts[i] = typeText(tuple.At(i).Type())
		}
		return "(" + strings.Join(parts, ", ") + ")"
	}
	if t == nil || t == conflict || t == noneType {
		return "any"
	}
	text := types.TypeString(t, func(p *types.Package) string {
		if p.Path() == "main" {
			return ""
		}
		if p.Path() == importPath("functional") {
			return "F"
		}
		return p.Name()
	})
	return strings.ReplaceAll(text, "invalid type", "any")
}

// namedTuple is tupleOf for what is a namedtuple in Python.
func namedTuple(name string, list []types.Type) types.Type {
	vars := make([]*types.Var, len(list))
	for i, t := range list {
		vars[i] = types.NewVar(0, nil, name, t)
	}
	return types.NewTuple(vars...)
}

// tupleOf returns the type of several values.
func tupleOf(list []types.Type) types.Type {
	vars := make([]*types.Var, len(list))
	for i, t := range list {
		vars[i] = types.NewVar(0, nil, "", t)
	}
	return types.NewTuple(vars...)
}
