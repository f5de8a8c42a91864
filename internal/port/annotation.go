package port

import (
	"cmp"
	"go/types"
)

// annotation returns the type that an annotation says, if it is known.
func (p *program) annotation(n *node) (types.Type, bool) {
	switch n.Kind {
	case "Constant":
		if n.Type == "NoneType" {
			return noneType, true
		}
	case "Name", "Attribute":
		return p.annotatedName(n)
	case "BinOp":
		if n.Op == "BitOr" {
			left, ok := p.annotation(n.Left)
			right, ok2 := p.annotation(n.Right)
			return p.join(left, right), ok && ok2
		}
	case "Subscript":
		of := cmp.Or(p.path(n.Value), n.Value.Name)
		switch of[lastDot(of)+1:] {
		case "Optional":
			t, ok := p.annotation(n.Slice)
			return p.orNone(t), ok && t != nil
		case "Union":
			return p.annotatedUnion(n.Slice)
		case "List", "list", "Sequence", "Iterable":
			if t, ok := p.annotation(n.Slice); ok {
				return types.NewSlice(t), true
			}
		case "Tuple", "tuple":
			return p.annotatedTuple(n.Slice)
		case "Dict", "dict", "OrderedDict":
			if n.Slice.Kind == "Tuple" && len(n.Slice.Elts) == 2 {
				key, ok := p.annotation(n.Slice.Elts[0])
				value, ok2 := p.annotation(n.Slice.Elts[1])
				if ok && ok2 && isString(key) && p.isTensor(value) && of[lastDot(of)+1:] == "OrderedDict" {
					return p.stateDict(), true
				}
				if ok && ok2 && !p.isModule(value) { // a dict of modules becomes one
					return p.dictType(key, value), true
				}
			}
		}
	}
	return nil, false
}

func (p *program) annotatedName(n *node) (types.Type, bool) {
	if n.Kind == "Name" {
		switch n.Name {
		case "int":
			return intType, true
		case "float":
			return floatType, true
		case "bool":
			return boolType, true
		case "str":
			return stringType, true
		case "Tensor":
			return p.tensor, true
		}
		if c := p.classes[n.Name]; c != nil && c.kind == weightsClass || n.Name == "WeightsEnum" {
			return p.weights(), true
		} else if c != nil {
			return types.NewPointer(c.named), true
		}
	}
	switch full := p.path(n); full {
	case "argparse.Namespace":
		for _, f := range p.flagSets {
			if f.record != nil {
				return types.NewPointer(f.record.named), true
			}
		}
	case "torch.Tensor", "torch.FloatTensor", "torch.LongTensor":
		return p.tensor, true
	case "torch.device":
		return p.device, true
	case "torch.dtype":
		return p.dtype, true
	case "torch.nn.Module":
		return p.layer, true
	case "torch.optim.Optimizer":
		return p.optimizer, true
	default:
		if e, ok := p.names[full]; ok && e.constructor() {
			return p.constructed(e), true
		}
	}
	return nil, false
}

// annotatedTuple returns a list for several equal types, else a tuple.
func (p *program) annotatedTuple(n *node) (types.Type, bool) {
	elts := n.Elts
	if n.Kind != "Tuple" {
		elts = []*node{n}
	}
	var all []types.Type
	equal := true
	for _, e := range elts {
		if e.Kind == "Constant" && e.Type == "ellipsis" {
			return types.NewSlice(all[0]), true
		}
		t, ok := p.annotation(e)
		if !ok {
			return nil, false
		}
		all = append(all, t)
		equal = equal && same(t, all[0])
	}
	if equal && all[0] != nil && all[0] != noneType {
		return types.NewSlice(all[0]), true
	}
	return tupleOf(all), true
}

// resultAnnotation returns the type that a function says it returns: a tuple is several
// results.
func (p *program) resultAnnotation(n *node) (types.Type, bool) {
	if n.Kind == "Subscript" {
		of := cmp.Or(p.path(n.Value), n.Value.Name)
		if last := of[lastDot(of)+1:]; (last == "Tuple" || last == "tuple") && n.Slice.Kind == "Tuple" && len(n.Slice.Elts) > 1 && n.Slice.Elts[1].Type != "ellipsis" {
			var list []types.Type
			for _, e := range n.Slice.Elts {
				t, ok := p.annotation(e)
				if !ok {
					return nil, false
				}
				list = append(list, t)
			}
			if !isNumber(list[0]) {
				return tupleOf(list), true
			}
		}
	}
	return p.annotation(n)
}

// annotatedUnion returns the type of Union[a, b]: one that holds all, or any for plain
// values of several types.
func (p *program) annotatedUnion(n *node) (types.Type, bool) {
	var joined types.Type
	plainTypes := true
	for _, e := range append([]*node{n}, n.Elts...) {
		if e == n && n.Kind == "Tuple" {
			continue
		}
		t, ok := p.annotation(e)
		if !ok {
			return nil, false
		}
		plainTypes = plainTypes && (isNumber(t) || isString(t))
		joined = p.join(joined, t)
	}
	if joined == conflict && plainTypes {
		return types.Universe.Lookup("any").Type(), true
	}
	return joined, joined != nil && joined != conflict
}

// path returns what a name or attribute means as a dotted path of Python's modules,
// or "".
func (p *program) path(n *node) string {
	if n == nil {
		return ""
	}
	switch n.Kind {
	case "Name":
		full := p.imports[n.Name]
		if full == "" && n.Name == "torch" {
			full = "torch"
		}
		return home(full)
	case "Attribute":
		if base := p.path(n.Value); base != "" {
			return canonical(base + "." + n.Name)
		}
	}
	return ""
}

// homes are where modules' names really live.
var homes = map[string]string{
	"ops.misc": "torchvision.ops", "ops.misc.Conv2dNormActivation": "torchvision.ops.Conv2dNormActivation", "torchvision.ops.misc": "torchvision.ops",
	"ops.stochastic_depth": "torchvision.ops", "torchvision.ops.stochastic_depth": "torchvision.ops", "utils._log_api_usage_once": "torchvision.utils._log_api_usage_once",
	"torch.functional": "torch", "torch.nn.modules": "torch.nn", "torch.optim.adam": "torch.optim", "torch.optim.sgd": "torch.optim",
	"torch.nn.parameter.Parameter": "torch.nn.Parameter", "torch.autograd.Variable": "torch.autograd.Variable",
}

func canonical(full string) string {
	if home, ok := homes[full]; ok {
		return home
	}
	return full
}

func lastDot(text string) int {
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] == '.' {
			return i
		}
	}
	return -1
}

// weights is the type of torchvision's weights, which are left out.
func (p *program) weights() types.Type { return weightsType }

var weightsType = types.NewPointer(types.NewStruct(nil, nil))
