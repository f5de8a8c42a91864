package port

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// tensorAttribute returns what Python reads of a tensor without a call.
func (w *writer) tensorAttribute(x value, name string) (value, bool) {
	p := x.primary()
	switch name {
	case "shape":
		v := value{text: p + ".Shape()", typ: types.NewSlice(intType), shape: true}
		if !strings.Contains(x.text, "(") {
			v.sizesOf = p
		}
		return v, true
	case "dtype":
		return value{text: p + ".DType()", typ: w.dtype}, true
	case "device":
		return value{text: p + ".Device()", typ: w.device}, true
	case "ndim":
		return value{text: p + ".Dim()", typ: intType}, true
	case "T":
		return value{text: p + ".T()", typ: w.tensor}, true
	case "data", "grad", "mT", "real", "imag":
		return value{text: p + "." + map[string]string{"data": "Data", "grad": "Grad", "mT": "MT", "real": "Real", "imag": "Imag"}[name] + "()", typ: w.tensor}, true
	case "requires_grad":
		return value{text: p + ".RequiresGrad()", typ: boolType}, true
	case "is_leaf", "is_meta", "is_cuda":
		return value{text: p + "." + map[string]string{"is_leaf": "IsLeaf()", "is_meta": "IsMeta()", "is_cuda": "Device().IsCUDA()"}[name], typ: boolType}, true
	}
	return value{}, false
}

// resultDType returns "int" for functions whose tensors are integers or bools.
func resultDType(python, dtype string) string {
	switch name := python[lastDot(python)+1:]; name {
	case "argmax", "argmin", "eq", "ne", "gt", "ge", "lt", "le", "max", "topk", "randint", "arange", "multinomial", "isnan", "logical_and", "logical_not", "randperm", "argsort", "long", "int":
		if name == "max" && dtype == "" {
			return "index"
		}
		return "int"
	case "sum", "view", "reshape", "squeeze", "unsqueeze", "flatten", "cpu", "to", "detach", "clone", "contiguous", "all", "any", "t", "transpose", "expand", "view_as", "expand_as", "cat", "stack":
		return dtype
	}
	return ""
}

// dtypeOf returns "int" for the name of a dtype of integers or bools.
func (w *writer) dtypeOf(n *node) string {
	d := dtypes[strings.TrimPrefix(w.path(n), "torch.")]
	if strings.HasPrefix(d, "Int") || strings.HasPrefix(d, "Uint") || d == "Bool" {
		return "int"
	}
	return ""
}

// conversions are the methods that give another dtype.
var conversions = map[string]string{"float": "Float32", "double": "Float64", "half": "Float16", "bfloat16": "BFloat16", "int": "Int32",
	"long": "Int64", "short": "Int16", "byte": "Uint8", "bool": "Bool"}

// methodCall translates object.method(...), if it is one of those that need care.
func (w *writer) methodCall(n *node) (value, bool) {
	name := n.Func.Name
	of := n.Func.Value
	if of.Kind == "Call" && of.Func.Name == "super" {
		return w.baseCall(n), true
	}
	root := rootName(n.Func)
	if w.path(n.Func) != "" && w.fn.scope(root) == nil {
		return value{}, false
	}
	if v, ok := w.flagCall(n); ok {
		return v, true
	}
	if f := w.flagsIn(of); f != nil && (name == "pop" || name == "get") && len(n.Arguments) > 0 {
		return w.flagInDict(n, f, n.Arguments[0], name == "pop"), true
	}
	if v, ok := w.keywordMethod(n); ok {
		return v, true
	}
	if name == "verify" && len(n.Arguments) == 1 && w.classes[of.Name] != nil && w.classes[of.Name].kind == weightsClass {
		return w.expression(n.Arguments[0]), true
	}
	if name == "join" && len(n.Arguments) == 1 {
		sep := w.expression(of)
		if isString(sep.typ) {
			list := w.settled(w.expression(n.Arguments[0]))
			return value{text: fmt.Sprintf("strings.Join(%s, %s)", w.coerce(list, types.NewSlice(stringType)), sep.text), typ: stringType}, true
		}
	}
	if name == "format" && isText(of) {
		format, args := w.braces(n)
		return value{text: call("fmt.Sprintf", append([]string{quote(format)}, args...)), typ: stringType}, true
	}
	if v, ok := w.appendToElement(n); ok {
		return v, true
	}
	object := w.expression(of)
	if object.typ == nil && object.variable != nil {
		w.emptySetMethod(n, object, name)
		w.expectByAttribute(object.variable, name)
	}
	if object.typ == nil && object.variable != nil && w.isTextMethod(n, name) {
		w.expect(object.variable, stringType, name != "split")
		object.typ = object.variable.typ
	}
	if e := w.keyedOf(object.typ); e != nil && member(object.typ, exportedName(name)) == nil && name != "items" && name != "values" {
		return w.valueCall(n, value{text: fmt.Sprintf("%s.At(%q)", object.primary(), name), typ: e, node: n.Func}), true
	}
	if object.typ == nil && object.variable != nil && isPathMethod(name) {
		w.expect(object.variable, stringType, true)
		object.typ = stringType
	}
	if object.path != "" || object.class != nil || object.typ == nil {
		if object.list || object.path != "" || object.class != nil && object.class.method(name) != nil {
			return value{}, false
		}
		fail(n, "a method of what is not known")
	}
	if object.variable != nil && object.variable.pairs && name == "append" && len(n.Arguments) == 1 {
		pair := n.Arguments[0]
		if pair.Kind != "Tuple" || len(pair.Elts) != 2 {
			fail(n, "a list of pairs and others")
		}
		return w.addLayer(object, pair.Elts[0], pair.Elts[1]), true
	}
	switch t := object.typ; {
	case w.isTensor(t):
		return w.tensorMethod(n, object, name), true
	case isString(t) && isPathMethod(name):
		return w.pathMethod(n, object, name)
	case isString(t):
		return w.stringMethod(n, object, name), true
	case w.isStateDict(t):
		return w.stateMethod(n, object, name)
	case elem(t) != nil:
		if v, ok := w.dequeMethod(n, object, name); ok {
			return v, true
		}
		return w.listMethod(n, object, name), true
	case w.settingsOf(t) != nil:
		return w.settingsMethod(n, w.settingsOf(t), object, name), true
	case w.isDict(t):
		return w.dictMethod(n, object, name), true
	case w.isSet(t):
		return w.setMethod(n, object, name), true
	}
	if c := w.classAt(object); c != nil {
		if c.method(name) != nil || c.lookup(name) != nil {
			return value{}, false
		}
	}
	if v, ok := w.moduleMethod(n, object, name); ok {
		return v, true
	}
	if f := methodOf(object.typ, plain(name)); f != nil {
		return w.apiMethod(n, object, f), true
	}
	if v := w.fieldOf(object.typ, plain(name)); v != nil {
		return w.valueCall(n, value{text: object.primary() + "." + v.Name(), typ: v.Type(), node: n.Func}), true
	}
	fail(n, "%s has no method %s", typeText(object.typ), name)
	return value{}, false
}

// methodOf returns the exported method of a type with a plain name, or nil.
func methodOf(t types.Type, want string) *types.Func {
	methods := types.NewMethodSet(t)
	for i := range methods.Len() {
		if f := methods.At(i).Obj(); f.Exported() && plain(f.Name()) == want {
			return f.(*types.Func)
		}
	}
	return nil
}

// apiMethod calls a method of one of the API's types that is in no table.
func (w *writer) apiMethod(n *node, object value, f *types.Func) value {
	s := f.Signature()
	var parameters []parameter
	count := s.Params().Len()
	if optionsOf(s) != nil {
		count--
	}
	for i := range count {
		p := s.Params().At(i)
		parameters = append(parameters, parameter{name: strings.ToLower(p.Name()), list: s.Variadic() && i == count-1 && optionsOf(s) == nil, optional: s.Variadic() && i == count-1})
	}
	if o := optionsOf(s); o != nil {
		for i := range o.NumFields() {
			parameters = append(parameters, parameter{name: snake(o.Field(i).Name()), optional: true, defaultValue: "?"})
		}
	}
	return w.bound(n, object.primary()+"."+f.Name(), s, parameters)
}

// moduleMethod translates the methods of modules and optimizers that Go has in
// another way.
func (w *writer) moduleMethod(n *node, object value, name string) (value, bool) {
	p := object.primary()
	switch name {
	case "register_buffer":
		c := w.classOf(object.typ)
		if c == nil || !isText(n.Arguments[0]) {
			return value{}, false
		}
		f := c.field(n.Arguments[0].Constant)
		v := w.expression(n.Arguments[1])
		f.buffer, f.persistent = true, true
		for _, k := range n.Keywords {
			if yes, ok := boolConstant(k.Value); ok && k.Name == "persistent" {
				f.persistent = yes
			}
		}
		w.setField(f, value{typ: w.tensor})
		return value{text: fmt.Sprintf("%s.%s = %s", p, f.name(c), w.coerce(v, w.tensor)), statement: true}, true
	case "apply":
		if len(n.Arguments) == 1 && w.isModule(object.typ) {
			f := w.expression(n.Arguments[0])
			if f.function != nil && len(f.function.params) == 1 {
				w.learn(f.function.params[0], w.anyModule)
			}
			return value{text: fmt.Sprintf("%s.Apply(%s)", p, f.text), statement: true}, true
		}
	case "to", "cuda", "cpu", "float", "double", "half":
		if w.isModule(object.typ) {
			return w.movedModule(n, object, name), true
		}
	case "train", "eval":
		if w.isModule(object.typ) {
			return w.chained(n, object, name), true
		}
	case "parameters", "modules", "state_dict", "zero_grad", "buffers", "children":
		if same(object.typ, w.layer) || same(object.typ, w.anyModule) {
			return w.baseMethod(n, object, exportedName(name)), true
		}
	case "size":
		if len(n.Arguments) == 1 {
			return value{text: fmt.Sprintf("%s.Size(%s)", p, w.coerce(w.expression(n.Arguments[0]), intType)), typ: intType}, true
		}
	case "values", "keys", "items":
		if w.keyedOf(object.typ) != nil && name == "keys" {
			return value{text: p + ".Keys()", typ: types.NewSlice(stringType)}, true
		}
	case "append":
		if member(object.typ, "Append") != nil && len(n.Arguments) == 1 {
			v := w.expression(n.Arguments[0])
			if object.variable != nil {
				if list := w.moduleListOf(v.typ); list != nil && w.moduleListElem(object.typ) != nil {
					w.relearnList(object.variable, v.typ)
				}
			}
			return value{text: fmt.Sprintf("%s.Append(%s)", p, v.text), statement: true}, true
		}
	case "add_module", "register_module":
		if w.isModule(object.typ) && len(n.Arguments) == 2 {
			if c := w.classOf(object.typ); c != nil && c.children {
				c.child = w.join(c.child, w.expression(n.Arguments[1]).typ)
			}
			return value{text: fmt.Sprintf("%s.RegisterModule(%s, %s)", p, w.coerce(w.expression(n.Arguments[0]), stringType), w.coerce(w.expression(n.Arguments[1]), w.anyModule)), statement: true}, true
		}
	case "requires_grad_":
		if w.isModule(object.typ) && len(n.Arguments) < 2 {
			on := "true"
			if len(n.Arguments) == 1 {
				on = w.coerce(w.expression(n.Arguments[0]), boolType)
			}
			return value{text: fmt.Sprintf("%s.SetRequiresGrad(%s)", p, on), statement: true}, true
		}
	}
	return value{}, false
}

// chained translates model.train() and model.eval(), which give the model itself.
func (w *writer) chained(n *node, object value, name string) value {
	v := object
	if same(object.typ, w.layer) || same(object.typ, w.anyModule) {
		v = value{text: "nn.Base(" + object.text + ")", typ: types.NewPointer(w.module)}
	}
	f, _ := member(v.typ, exportedName(name)).(*types.Func)
	switch {
	case f == nil:
	case w.at.Kind == "Expr" && w.at.Value == n:
		return w.apiMethod(n, v, f)
	case w.at.Kind == "Assign" && w.at.Value == n && len(w.at.Targets) == 1 && w.at.Targets[0].Kind == "Name":
		if x := w.fn.scope(w.at.Targets[0].Name); x != nil && v.text == object.text {
			v.text, v.prec = x.goName, 0
			w.after = append(w.after, w.apiMethod(n, v, f).text)
			return object
		}
	}
	fail(n, "%s within an expression", name)
	return value{}
}

// baseMethod calls a method of nn.Module on a module of any type.
func (w *writer) baseMethod(n *node, object value, goName string) value {
	base := value{text: "nn.Base(" + object.text + ")", typ: types.NewPointer(w.module)}
	return w.apiMethod(n, base, member(base.typ, goName).(*types.Func))
}

// movedModule translates model.to(device), which gives the model itself.
func (w *writer) movedModule(n *node, object value, name string) value {
	var target string
	switch name {
	case "cpu":
		target = "torch.CPU"
	case "cuda":
		target = "torch.CUDA(0)"
	case "to":
		if len(n.Arguments) != 1 || len(n.Keywords) > 0 {
			fail(n, "to with several arguments")
		}
		v := w.expression(n.Arguments[0])
		if v.typ == nil && v.variable != nil {
			w.expect(v.variable, w.device, false)
		}
		target = v.text
		if isString(v.typ) {
			target = deviceOf(v)
		}
	default:
		target = "torch." + conversions[name]
	}
	if w.at.Kind == "Expr" && w.at.Value == n {
		return value{text: fmt.Sprintf("%s.To(%s)", object.primary(), target), statement: true}
	}
	if w.at.Kind == "Assign" && w.at.Value == n && len(w.at.Targets) == 1 && w.at.Targets[0].Kind == "Name" {
		x := w.fn.scope(w.at.Targets[0].Name)
		if x != nil {
			w.after = append(w.after, fmt.Sprintf("%s.To(%s)", x.goName, target))
			return object
		}
	}
	fail(n, "to within an expression")
	return value{}
}

// tensorMethod calls a method of a tensor.
func (w *writer) tensorMethod(n *node, x value, name string) value {
	p := x.primary()
	none := len(n.Arguments)+len(n.Keywords) == 0
	if dtype, ok := conversions[name]; ok && none {
		v := value{text: fmt.Sprintf("%s.To(torch.%s)", p, dtype), typ: w.tensor}
		if name == "long" || name == "int" || name == "bool" {
			v.dtype = "int"
		}
		return v
	}
	switch name {
	case "type":
		if len(n.Arguments) == 1 {
			return w.movedTensor(n, x)
		}
	case "item":
		if x.dtype == "int" {
			return value{text: p + ".Int()", typ: intType}
		}
		return value{text: p + ".Item()", typ: floatType}
	case "size":
		if none {
			v := value{text: p + ".Shape()", typ: types.NewSlice(intType), shape: true}
			if !strings.Contains(x.text, "(") {
				v.sizesOf = p
			}
			return v
		}
	case "dim", "numel", "nelement", "ndimension":
		return value{text: p + "." + map[string]string{"dim": "Dim", "ndimension": "Dim"}[name] + map[string]string{"numel": "Numel", "nelement": "Numel"}[name] + "()", typ: intType}
	case "cpu":
		return value{text: p + ".To(torch.CPU)", typ: w.tensor, dtype: x.dtype}
	case "cuda":
		return value{text: p + ".To(torch.CUDA(0))", typ: w.tensor, dtype: x.dtype}
	case "numpy":
		fail(n, "NumPy")
	case "tolist":
		if x.dtype == "int" {
			return value{text: "numbers[int](" + x.text + ")", typ: types.NewSlice(intType)}
		}
		return value{text: "numbers[float64](" + x.text + ")", typ: types.NewSlice(floatType)}
	case "type_as":
		return value{text: fmt.Sprintf("%s.To(%s)", p, w.coerce(w.expression(n.Arguments[0]), w.tensor)), typ: w.tensor}
	case "to":
		return w.movedTensor(n, x)
	case "requires_grad_":
		if none {
			return value{text: p + ".SetRequiresGrad(true)", typ: w.tensor}
		}
		return value{text: fmt.Sprintf("%s.SetRequiresGrad(%s)", p, w.coerce(w.expression(n.Arguments[0]), boolType)), typ: w.tensor}
	case "max", "min", "median":
		return w.extreme(n, x, name, n.Arguments)
	case "std", "var":
		if v, ok := w.biased(n, x, name); ok {
			return v
		}
	case "new_tensor":
		if len(n.Arguments) == 1 && len(n.Keywords) == 0 {
			v := w.settled(w.expression(n.Arguments[0]))
			if v.list {
				fail(n, "a tensor of different types")
			}
			return value{text: fmt.Sprintf("torch.NewTensor(%s, torch.TensorOptions{DType: %s.DType(), Device: %[2]s.Device()})", v.text, p), typ: w.tensor, dtype: x.dtype}
		}
	case "where":
		if len(n.Arguments) == 2 && len(n.Keywords) == 0 {
			return value{text: fmt.Sprintf("torch.Where(%s, %s, %s)", w.coerce(w.expression(n.Arguments[0]), w.tensor), x.text, w.operandText(w.expression(n.Arguments[1]), w.operandType())), typ: w.tensor}
		}
	case "nonzero":
		if len(n.Keywords) == 1 && n.Keywords[0].Name == "as_tuple" && n.Keywords[0].Value.Constant == "True" {
			return value{text: "torch.WhereNonzero(" + x.text + ")", typ: w.tensors, dtype: "int"}
		}
	case "masked_fill_", "copy_", "fill_", "zero_", "normal_", "uniform_":
	case "split":
		if i := slices.IndexFunc(n.Keywords, func(k *node) bool { return k.Name == "split_size" }); i >= 0 && len(n.Arguments) == 0 {
			positional := n.withoutKeyword(i)
			positional.Arguments = []*node{n.Keywords[i].Value}
			n = positional
		}
		if len(n.Arguments) > 0 && n.Arguments[0].Kind != "Constant" {
			if v := w.expression(n.Arguments[0]); v.list || elem(v.typ) != nil {
				return w.method(n, x, "SplitWithSizes", []parameter{{name: "split_sizes"}, {name: "dim", optional: true, defaultValue: "0"}})
			}
		}
	}
	e, ok := w.names["torch.Tensor."+name]
	if !ok {
		fail(n, "a tensor has no %s", name)
	}
	goName, isMethod := strings.CutPrefix(e.goName, "x.")
	parameters := e.parameters
	if !isMethod {
		f := w.goObject(e.goName)
		if f == nil {
			fail(n, "%s is %s in Go", e.python, e.goName)
		}
		all := *n
		all.Arguments = append([]*node{n.Func.Value}, n.Arguments...)
		return w.boundOr(&all, spelled(e.goName), f, append([]parameter{{name: "self"}}, parameters...))
	}
	v := w.method(n, x, goName, parameters)
	v.dtype = resultDType(name, x.dtype)
	if tuple, several := v.typ.(*types.Tuple); several && (name == "unique" || name == "unique_consecutive") && len(n.Keywords) == 0 {
		return w.oneResult(v, tuple, 0, "unique")
	}
	return v
}

// extreme translates max and min: of all, along a dimension, or of two tensors.
func (w *writer) extreme(n *node, x value, name string, arguments []*node) value {
	goName := strings.ToUpper(name[:1]) + name[1:]
	bound := w.bind(&node{Kind: "Call", Arguments: arguments, Keywords: n.Keywords}, []parameter{{name: "dim"}, {name: "keepdim"}})
	switch {
	case bound[0].node == nil:
		return value{text: fmt.Sprintf("%s.%s()", x.primary(), goName), typ: w.tensor, dtype: x.dtype}
	case w.isTensor(w.expression(bound[0].node).typ):
		return value{text: fmt.Sprintf("%s.%simum(%s)", x.primary(), goName, w.expression(bound[0].node).text), typ: w.tensor}
	}
	text := fmt.Sprintf("%s.%sDim(%s", x.primary(), goName, w.coerce(w.expression(bound[0].node), intType))
	if bound[1].node != nil && bound[1].node.Constant != "False" {
		text += fmt.Sprintf(", torch.%sDimOptions{Keepdim: %s}", goName, w.coerce(w.expression(bound[1].node), boolType))
	}
	return value{text: text + ")", typ: tupleOf([]types.Type{w.tensor, w.tensor}), dtype: "int"}
}

// movedTensor translates x.to(...).
func (w *writer) movedTensor(n *node, x value) value {
	var targets []string
	dtype := x.dtype
	add := func(a *node) {
		v := w.expression(a)
		switch {
		case v.typ == nil && v.variable != nil:
			w.expect(v.variable, w.device, false)
		case isString(v.typ):
			v.text = deviceOf(v)
		case same(v.typ, w.dtype):
			dtype = ""
			if strings.Contains(v.text, "Int") {
				dtype = "int"
			}
		case !same(v.typ, w.device) && !w.isTensor(v.typ):
			fail(a, "to what is not known")
		}
		targets = append(targets, v.text)
	}
	for _, a := range n.Arguments {
		add(a)
	}
	for _, k := range n.Keywords {
		switch k.Name {
		case "device", "dtype":
			add(k.Value)
		case "non_blocking":
		default:
			fail(k.Value, "to with %s", k.Name)
		}
	}
	return value{text: call(x.primary()+".To", targets), typ: w.tensor, dtype: dtype}
}

// subscript translates x[i].
func (w *writer) subscript(n *node) value {
	if v, ok := w.listedClass(n); ok {
		return v
	}
	if f := w.flagsIn(n.Value); f != nil {
		return w.flagInDict(n, f, n.Slice, false)
	}
	object := w.expression(n.Value)
	if object.typ == nil && object.variable != nil && (n.Slice.Kind == "Tuple" || n.Slice.Kind == "Slice" && w.final() && object.variable.param) {
		w.expect(object.variable, w.tensor, n.Slice.Kind == "Tuple")
	}
	if x := object.variable; x != nil && x.elements != nil && n.Slice.Kind != "Slice" && object.typ != nil {
		if m, ok := under(object.typ).(*types.Map); ok {
			return w.tabled(x, fmt.Sprintf("%s[%s]", object.primary(), w.coerce(w.expression(n.Slice), m.Key())))
		}
		return w.tabled(x, fmt.Sprintf("%s[%s]", object.primary(), w.place(object, n.Slice)))
	}
	if x := object.variable; x != nil && x.elements != nil && n.Slice.Kind != "Slice" {
		return w.tabled(x, "?")
	}
	if object.sizesOf != "" && n.Slice.Kind != "Slice" {
		index := w.expression(n.Slice)
		return value{text: fmt.Sprintf("%s.Size(%s)", object.sizesOf, w.coerce(index, intType)), typ: intType}
	}
	if object.list {
		object = w.settled(object)
	}
	if r := w.recordOf(object.typ); r != nil {
		return w.recordElement(n, r, object)
	}
	if isText(n.Slice) && n.Slice.Constant == "lr" && same(object.typ, w.named("torch/optim", "ParamGroup")) {
		return value{text: object.primary() + ".LearningRate()", typ: floatType}
	}
	if v, ok := w.datasetElement(n, object); ok {
		return v
	}
	switch t := object.typ; {
	case w.isTensor(t):
		return value{text: fmt.Sprintf("%s.Index(%s)", object.primary(), w.indexes(n.Slice)), typ: w.tensor, dtype: object.dtype}
	case w.isStateDict(t) && n.Slice.Kind != "Slice":
		return w.stateElement(n, object)
	case elem(t) != nil && n.Slice.Kind == "Slice":
		return value{text: w.sliced(n, object), typ: t, dtype: object.dtype}
	case isBytes(t):
		return value{text: fmt.Sprintf("int(%s[%s])", object.primary(), w.place(object, n.Slice)), typ: intType, count: true}
	case elem(t) != nil:
		v := value{text: fmt.Sprintf("%s[%s]", object.primary(), w.place(object, n.Slice)), typ: elem(t), dtype: object.dtype}
		if v.typ == conflict {
			v.typ = nil // of a list to which nothing was added yet
		}
		return v
	case t == nil:
		fail(n, "an element of what is not known")
	}
	if c := w.settingsOf(object.typ); c != nil {
		return w.settingsElement(n, c, object)
	}
	if w.isDict(object.typ) {
		return w.elementOf(object, w.expression(n.Slice))
	}
	if tuple, ok := object.typ.(*types.Tuple); ok && n.Slice.Kind == "Constant" && n.Slice.Type == "int" {
		names := make([]string, tuple.Len())
		for i := range names {
			names[i] = "_"
		}
		for i := range names {
			if fmt.Sprint(i) == n.Slice.Constant {
				names[i] = w.temporary("result")
				w.printf("%s := %s", strings.Join(names, ", "), object.text)
				return value{text: names[i], typ: tuple.At(i).Type()}
			}
		}
	}
	if cut, ok := member(object.typ, "Slice").(*types.Func); ok && n.Slice.Kind == "Slice" && n.Slice.Step == nil && w.isModule(object.typ) {
		bound := func(b *node, otherwise string) string {
			if b == nil {
				return otherwise
			}
			v := w.expression(b)
			text := w.coerce(v, intType)
			if rest, ok := strings.CutPrefix(text, "-"); ok && v.literal {
				return object.primary() + ".Len()-" + rest
			}
			return text
		}
		return value{text: fmt.Sprintf("%s.Slice(%s, %s)", object.primary(), bound(n.Slice.Lower, "0"), bound(n.Slice.Upper, object.primary()+".Len()")), typ: cut.Signature().Results().At(0).Type()}
	}
	if e := w.keyedOf(object.typ); e != nil && isText(n.Slice) {
		return w.keyedElement(object, e, n.Slice.Constant)
	}
	if at, ok := member(object.typ, "At").(*types.Func); ok && n.Slice.Kind != "Slice" && at.Signature().Params().Len() == 1 && at.Signature().Results().Len() == 1 {
		return value{text: fmt.Sprintf("%s.At(%s)", object.primary(), w.coerce(w.expression(n.Slice), at.Signature().Params().At(0).Type())), typ: at.Signature().Results().At(0).Type()}
	}
	if isString(object.typ) && n.Slice.Kind == "Slice" {
		w.report.note(w.source, n, "Go cuts texts by bytes, Python by letters")
		return value{text: w.sliced(n, object), typ: stringType}
	}
	fail(n, "an element of a %s", typeText(object.typ))
	return value{}
}

// indexes translates what stands in a tensor's brackets.
func (w *writer) indexes(n *node) string {
	nodes := []*node{n}
	if n.Kind == "Tuple" {
		nodes = n.Elts
	}
	parts := make([]string, len(nodes))
	for i, index := range nodes {
		parts[i] = w.index(index)
	}
	return strings.Join(parts, ", ")
}

// optionalSlice translates a slice with ends that may be None.
func (w *writer) optionalSlice(n *node) (string, bool) {
	if n.Step != nil || n.Lower == nil || n.Upper == nil {
		return "", false
	}
	start := w.position()
	lower, upper := w.expression(n.Lower), w.expression(n.Upper)
	if optional(lower.typ) == nil && optional(upper.typ) == nil {
		w.back(start)
		return "", false
	}
	want := types.NewPointer(intType)
	return fmt.Sprintf("between(%s, %s)", w.coerce(lower, want), w.coerce(upper, want)), true
}

func (w *writer) index(n *node) string {
	switch {
	case n.Kind == "Slice":
		bound := func(b *node) string {
			if b == nil {
				return ""
			}
			return w.coerce(w.expression(b), intType)
		}
		if text, ok := w.optionalSlice(n); ok {
			return text
		}
		lower, upper := bound(n.Lower), bound(n.Upper)
		text := "torch.Colon"
		switch {
		case lower != "" && upper != "":
			text = fmt.Sprintf("torch.Between(%s, %s)", lower, upper)
		case lower != "":
			text = fmt.Sprintf("torch.From(%s)", lower)
		case upper != "":
			text = fmt.Sprintf("torch.To(%s)", upper)
		}
		if n.Step != nil {
			text += ".By(" + bound(n.Step) + ")"
		}
		return text
	case n.Kind == "Constant" && n.Type == "ellipsis":
		return "torch.Ellipsis"
	case n.Kind == "Constant" && n.Type == "NoneType":
		return "torch.NewAxis"
	}
	v := w.dereferenced(w.settled(w.expression(n)))
	switch {
	case v.list || v.path != "" || isFloat(v.typ):
		fail(n, "an index that is not known")
	case v.typ == nil && v.variable != nil:
		w.expect(v.variable, w.tensor, false)
	}
	return v.text
}
