package port

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// specials are the functions of Python's modules that Go has in another form.
var specials map[string]func(w *writer, n *node) value

func init() {
	specials = map[string]func(w *writer, n *node) value{
		"torch.tensor": newTensor, "torch.as_tensor": newTensor, "torch.FloatTensor": newTensor, "torch.LongTensor": newTensor,
		"torch.arange": arange, "torch.randint": randint, "torch.max": extremeOf, "torch.min": extremeOf, "torch.device": device,
		"torch.cuda.is_available": cudaAvailable, "torch.accelerator.current_accelerator": currentAccelerator, "torch.nn.Parameter": newParameter, "torch.nn.Sequential": sequential,
		"torch.nn.ModuleList": moduleList, "torch.nn.ModuleDict": moduleDict, "torch.save": saveTo, "torch.load": loadFrom, "torch.autograd.Variable": variableOf,
		"torch.utils.data.DataLoader": dataLoader, "torch.jit.is_scripting": no, "time.time": now, "time.perf_counter": now,
		"torch.manual_seed": manualSeed, "torch.cuda.manual_seed": nothing, "torch.cuda.manual_seed_all": nothing, "random.seed": nothing, "numpy.random.seed": nothing,
		"warnings.filterwarnings": nothing, "warnings.warn": nothing, "_utils._ovewrite_named_param": overwriteParameter, "torchvision.models._utils._ovewrite_named_param": overwriteParameter, "torchvision.utils._log_api_usage_once": nothing, "torchvision.models._utils._log_api_usage_once": nothing,
		"torch.set_float32_matmul_precision": nothing, "copy.deepcopy": deepCopy, "copy.copy": copied, "collections.OrderedDict": orderedDict, "typing.OrderedDict": orderedDict, "torch.full": full, "tqdm.tqdm": unwrap, "torch.where": where, "torch.finfo": limits("Finfo"), "torch.iinfo": limits("Iinfo"), "numpy.mean": numpyMean,
		"torch.nn.utils.clip_grad_norm_": clip("ClipGradNorm"), "torch.nn.utils.clip_grad_value_": clip("ClipGradValue"),
		"dataclasses.field": dataclassField, "os.path.exists": pathExists, "os.path.dirname": folderOf, "torch.Generator": newGenerator, "torch.utils.data.random_split": randomSplit,
		"functools.partial": partial, "pathlib.Path": newPath, "gzip.decompress": gunzip, "struct.unpack": structUnpack, "torch.frombuffer": fromBuffer,
		"subprocess.check_output": checkOutput, "re.sub": substitute, "html.unescape": unescape, "sys.exit": exit, "torch._assert": assertion, "torch.einsum": einsum, "torch.fx.wrap": nothing, "torch.utils.checkpoint.checkpoint": checkpointed, "typing.cast": cast, "torch.from_numpy": numpyGone, "torch.split": split, "os.makedirs": makeDirs, "os.path.join": joinPath,
	}
	addDistributed()
	addCollections()
	addDatasets()
}

// rewrite calls a Go function with arguments bound to Python's parameters.
func (w *writer) rewrite(n *node, goName string, parameters ...parameter) value {
	f := w.goObject(goName)
	return w.bound(n, spelled(goName), f.Signature(), parameters)
}

func required(names ...string) (list []parameter) {
	for _, name := range names {
		list = append(list, parameter{name: name})
	}
	return list
}

func keywords(names ...string) (list []parameter) {
	for _, name := range names {
		list = append(list, parameter{name: name, optional: true, defaultValue: "None"})
	}
	return list
}

// newTensor translates torch.tensor. Go takes the dtype from the type of the data, and
// float64 is not Python's.
func newTensor(w *writer, n *node) value {
	bound := w.bind(n, append(required("data"), keywords("dtype", "device", "requires_grad")...))
	if bound[0].node == nil {
		fail(n, "a tensor without data")
	}
	v := w.expression(bound[0].node)
	if v.typ == nil && !v.list {
		if v.variable != nil && v.variable == w.fn.rest {
			w.expect(v.variable, types.NewSlice(floatType), false)
		} else if v.variable != nil {
			w.expect(v.variable, floatType, false)
		}
		fail(n, "a tensor of what is not known")
	}
	v = w.settled(v)
	if v.list && len(v.items) == 0 {
		v = value{text: "[]float32{}", typ: types.NewSlice(floatType), node: n}
	}
	if v.list {
		fail(n, "a tensor of different types")
	}
	base := solid(v.typ)
	for elem(base) != nil {
		base = elem(base)
	}
	dtype := ""
	if bound[1].node != nil {
		if d := w.expression(bound[1].node); same(d.typ, w.dtype) {
			dtype = d.text
		}
	}
	switch callee := w.path(n.Func); callee {
	case "torch.FloatTensor":
		dtype = "torch.Float32"
	case "torch.LongTensor":
		dtype = "torch.Int64"
	}
	options := []string{}
	text := v.text
	if isFloat(base) {
		switch {
		case strings.HasPrefix(text, "[]") && v.items != nil && (dtype == "" || dtype == "torch.Float32"):
			text = strings.ReplaceAll(text, "]float64{", "]float32{")
			dtype = ""
			if strings.Contains(text, "float64") || hasVariables(v.items) {
				text, dtype = v.text, "torch.Float32"
			}
		case dtype == "":
			dtype = "torch.Float32"
			if isFloat(v.typ) && v.literal {
				text, dtype = "float32("+v.text+")", ""
			}
		case dtype == "torch.Float64":
			dtype = ""
		}
	} else if isInt(base) && dtype == "torch.Int64" {
		dtype = ""
	}
	if dtype != "" {
		options = append(options, "DType: "+dtype)
	}
	if bound[2].node != nil && bound[2].node.Type != "NoneType" {
		d := w.expression(bound[2].node)
		options = append(options, "Device: "+w.coerce(d, w.device))
	}
	if bound[3].node != nil && bound[3].node.Constant == "True" {
		options = append(options, "RequiresGrad: true")
	}
	result := value{typ: w.tensor}
	if isInt(base) && dtype == "" || dtype == "torch.Int64" {
		result.dtype = "int"
	}
	if len(options) > 0 {
		text += ", torch.TensorOptions{" + strings.Join(options, ", ") + "}"
	}
	result.text = "torch.NewTensor(" + text + ")"
	return result
}

// hasVariables reports whether a list has elements that are no constants.
func hasVariables(items []value) bool {
	for _, item := range items {
		if item.list || item.items != nil {
			if hasVariables(item.items) {
				return true
			}
		} else if !item.literal {
			return true
		}
	}
	return false
}

func arange(w *writer, n *node) value {
	parameters := append(required("start", "end", "step"), keywords("dtype", "device", "requires_grad", "layout", "pin_memory")...)
	for i := range 3 {
		parameters[i].optional = true
	}
	plainCall := *n
	positional := len(n.Arguments)
	if positional == 0 {
		fail(n, "arange without an end")
	}
	zero := &node{Kind: "Constant", Type: "int", Constant: "0", Line: n.Line}
	one := &node{Kind: "Constant", Type: "int", Constant: "1", Line: n.Line}
	switch positional {
	case 1:
		plainCall.Arguments = []*node{zero, n.Arguments[0], one}
	case 2:
		plainCall.Arguments = []*node{n.Arguments[0], n.Arguments[1], one}
	}
	for i, k := range n.Keywords {
		if k.Name == "step" && positional < 3 {
			plainCall.Arguments[2] = k.Value
			plainCall.Keywords = append(append([]*node{}, n.Keywords[:i]...), n.Keywords[i+1:]...)
		}
	}
	for _, a := range plainCall.Arguments {
		if v := w.expression(a); v.typ == nil && v.variable != nil {
			w.expect(v.variable, intType, false)
		}
	}
	v := w.rewrite(&plainCall, "torch.Arange", parameters...)
	v.dtype = "int"
	for _, a := range plainCall.Arguments {
		if x := w.expression(a); isFloat(x.typ) {
			v.dtype = ""
		}
	}
	for _, k := range n.Keywords {
		if k.Name == "dtype" {
			v.dtype = ""
		}
	}
	return v
}

func randint(w *writer, n *node) value {
	plainCall := *n
	positional := len(n.Arguments)
	size := positional
	for _, k := range n.Keywords {
		if k.Name == "size" {
			size++
		}
		if k.Name == "high" || k.Name == "low" {
			size = 3
		}
	}
	if size == 2 {
		plainCall.Arguments = append([]*node{{Kind: "Constant", Type: "int", Constant: "0", Line: n.Line}}, n.Arguments...)
	}
	parameters := append(required("low", "high", "size"), keywords("dtype", "device", "generator", "requires_grad")...)
	v := w.rewrite(&plainCall, "torch.Randint", parameters...)
	v.dtype = "int"
	return v
}

func extremeOf(w *writer, n *node) value {
	if len(n.Arguments) == 0 {
		fail(n, "no tensor")
	}
	x := w.expression(n.Arguments[0])
	if x.typ == nil && x.variable != nil {
		w.expect(x.variable, w.tensor, true)
	}
	name := n.Func.Name
	if n.Func.Kind != "Attribute" {
		path := w.path(n.Func)
		name = path[lastDot(path)+1:]
	}
	return w.extreme(n, x, name, n.Arguments[1:])
}

func device(w *writer, n *node) value {
	if len(n.Arguments) == 1 && n.Arguments[0].Kind == "IfExp" {
		if v, ok := w.deviceChoice(n.Arguments[0]); ok {
			return v
		}
	}
	if len(n.Arguments) != 1 {
		fail(n, "a device of several arguments")
	}
	v := w.expression(n.Arguments[0])
	if isString(v.typ) && !v.literal {
		if w.called {
			fail(n, "a device within an expression")
		}
		name := w.temporary("device")
		w.printf("%s, err := torch.ParseDevice(%s)\nif err != nil {\npanic(err)\n}", name, v.text)
		return value{text: name, typ: w.device}
	}
	return value{text: w.coerce(v, w.device), typ: w.device}
}

// deviceChoice translates "cuda" if torch.cuda.is_available() else "cpu".
func (w *writer) deviceChoice(n *node) (value, bool) {
	if w.path(callee(n.Test)) != "torch.cuda.is_available" || !isText(n.Then) && n.Then.Kind != "Call" {
		return value{}, false
	}
	yes, no := w.expression(n.Then), w.expression(n.Other)
	return value{text: fmt.Sprintf("func() torch.Device {\nif cuda.IsAvailable() {\nreturn %s\n}\nreturn %s\n}()", w.coerce(yes, w.device), w.coerce(no, w.device)), typ: w.device}, true
}

func cudaAvailable(*writer, *node) value { return value{text: "cuda.IsAvailable()", typ: boolType} }

func no(*writer, *node) value { return value{text: "false", typ: boolType} }

// nothing is for calls that Go needs no more.
func nothing(w *writer, n *node) value {
	w.report.note(w.source, n, "left out")
	return value{statement: true}
}

func numpyGone(_ *writer, n *node) value {
	fail(n, "NumPy")
	return value{}
}

func unwrap(w *writer, n *node) value { return w.expression(n.Arguments[0]) }

func now(*writer, *node) value {
	return value{text: "float64(time.Now().UnixNano()) / 1e9", typ: floatType, prec: 5}
}

func variableOf(w *writer, n *node) value { return w.expression(only(n)) }

func deepCopy(w *writer, n *node) value {
	v := w.expression(only(n))
	if same(v.typ, w.named("torch/nn", "StateDict")) {
		return value{text: "cloneState(" + v.text + ")", typ: v.typ}
	}
	if !w.isModule(v.typ) {
		fail(n, "a deep copy of what is no module")
	}
	return value{text: "nn.DeepCopy(" + v.text + ")", typ: v.typ}
}

func manualSeed(w *writer, n *node) value {
	v := w.expression(only(n))
	text := v.text
	if v.variable != nil && v.typ == nil {
		w.expect(v.variable, intType, true)
	}
	if !v.literal {
		text = "int64(" + text + ")"
	}
	return value{text: "torch.ManualSeed(" + text + ")", statement: true}
}

func newParameter(w *writer, n *node) value {
	bound := w.bind(n, append(required("data"), keywords("requires_grad")...))
	v := value{text: "nn.NewParameter(" + w.argument(bound[0].node, w.tensor) + ")", typ: w.tensor, parameter: true}
	if bound[1].node != nil {
		v.text += ".SetRequiresGrad(" + w.argument(bound[1].node, boolType) + ")"
	}
	return v
}

// layers translates modules in a list, each with what makes it.
func (w *writer) layers(list []*node) []string {
	var parts []string
	for _, a := range list {
		if a.Kind == "Starred" {
			v := w.settled(w.expression(a.Value))
			e := elem(v.typ)
			if e == nil || !w.isModule(e) {
				fail(a, "a starred value that is no list of modules")
			}
			if len(list) == 1 && same(e, w.layer) {
				return []string{v.text + "..."}
			}
			if len(list) == 1 {
				fail(a, "a list of modules of one type where Go wants layers")
			}
			fail(a, "a starred list beside other layers")
		}
		v := w.expression(a)
		if v.typ == nil && v.variable != nil {
			w.expect(v.variable, w.layer, true)
		}
		parts = append(parts, w.coerce(v, w.layer))
	}
	return parts
}

func sequential(w *writer, n *node) value {
	if len(n.Arguments) == 1 {
		only := n.Arguments[0]
		if w.isOrderedDict(only, 1) {
			only = only.Arguments[0]
		}
		if v := w.fn.scope(only.Name); only.Kind == "Name" && v != nil && v.pairs {
			return w.name(only)
		}
	}
	if len(n.Arguments) == 1 && n.Arguments[0].Kind == "Call" && strings.HasSuffix(w.path(n.Arguments[0].Func), "OrderedDict") {
		return w.namedSequential(n.Arguments[0])
	}
	for _, a := range n.Arguments {
		if a.Kind == "Starred" {
			called := w.called
			if v, why := w.attempt(func() value {
				return value{text: call("nn.NewSequential", w.layers(n.Arguments)), typ: w.sequential}
			}); why == nil {
				return v
			}
			w.called = called
			return w.appendedSequential(n)
		}
	}
	return value{text: w.onLines(n), typ: w.sequential}
}

// onLines writes a Sequential, with its layers on lines of their own where Python has
// them so.
func (w *writer) onLines(n *node) string {
	parts := w.layers(n.Arguments)
	if n.EndLine-n.Line < 2 || len(parts) < 2 {
		return call("nn.NewSequential", parts)
	}
	for i, a := range n.Arguments {
		parts[i] += "," + w.trailing(a.EndLine)
	}
	return "nn.NewSequential(\n" + strings.Join(parts, "\n") + "\n)"
}

// appendedSequential translates Sequential(a, *list): layers of lists are added one by
// one, in Python's order.
func (w *writer) appendedSequential(n *node) value {
	if w.called {
		fail(n, "a starred list within an expression")
	}
	name := w.temporary("layers")
	w.printf("%s := nn.NewSequential()", name)
	w.appendLayers(name, n)
	return value{text: name, typ: w.sequential, variable: &variable{typ: w.sequential, goName: name}}
}

// appendLayers adds the arguments of a call to a Sequential, in Python's order.
func (w *writer) appendLayers(name string, n *node) {
	var plainLayers []string
	flush := func() {
		if len(plainLayers) > 0 {
			w.printf("%s.Append(%s)", name, strings.Join(plainLayers, ", "))
		}
		plainLayers = nil
	}
	for _, a := range n.Arguments {
		w.called = false
		if a.Kind != "Starred" {
			plainLayers = append(plainLayers, w.coerce(w.expression(a), w.layer))
			continue
		}
		flush()
		v := w.settled(w.expression(a.Value))
		switch e := elem(v.typ); {
		case same(e, w.layer):
			w.printf("%s.Append(%s...)", name, v.text)
		case w.isLayer(e):
			w.printf("for _, layer := range %s {\n%s.Append(layer)\n}", v.text, name)
		default:
			fail(a, "a starred value that is no list of layers")
		}
	}
	flush()
}

func (w *writer) namedSequential(n *node) value {
	if len(n.Arguments) != 1 || n.Arguments[0].Kind != "List" {
		fail(n, "an OrderedDict that is not written out")
	}
	text := "nn.NewSequential()"
	for _, pair := range n.Arguments[0].Elts {
		if pair.Kind != "Tuple" || len(pair.Elts) != 2 {
			fail(pair, "an OrderedDict that is not written out")
		}
		text += fmt.Sprintf(".\nAdd(%s, %s)", w.coerce(w.expression(pair.Elts[0]), stringType), w.coerce(w.expression(pair.Elts[1]), w.layer))
	}
	return value{text: text, typ: w.sequential}
}

// listOf returns the type *nn.ModuleList[t].
func (w *writer) listOf(name string, t types.Type) types.Type {
	generic, ok := w.named("torch/nn", name).(*types.Named)
	if !ok {
		return nil
	}
	made, err := types.Instantiate(nil, generic, []types.Type{t}, false)
	if err != nil {
		return nil
	}
	return types.NewPointer(made)
}

// moduleListElem returns what a *nn.ModuleList holds, or nil.
func (w *writer) moduleListElem(t types.Type) types.Type {
	p, ok := t.(*types.Pointer)
	if !ok {
		return nil
	}
	n, ok := p.Elem().(*types.Named)
	if !ok || n.Obj().Name() != "ModuleList" || n.TypeArgs().Len() != 1 {
		return nil
	}
	return n.TypeArgs().At(0)
}

func (w *writer) moduleListOf(t types.Type) types.Type {
	if t == nil || !w.isModule(t) {
		return nil
	}
	return w.listOf("ModuleList", t)
}

// relearnList makes a variable a list of what is appended to it, too.
func (w *writer) relearnList(v *variable, t types.Type) {
	have := w.moduleListElem(v.typ)
	if same(have, t) {
		return
	}
	e := t
	if !v.empty {
		e = w.join(have, t)
	}
	v.empty = false
	if e != conflict && !same(e, have) {
		v.typ = w.listOf("ModuleList", e)
		w.changed = true
	}
}

func moduleList(w *writer, n *node) value {
	if len(n.Arguments) == 0 {
		t := w.listOf("ModuleList", w.layer)
		if set := w.assigned(); set != nil && w.moduleListElem(set.typ) != nil {
			t = set.typ
		} else if set != nil {
			set.empty = true
		}
		return value{text: "nn.NewModuleList[" + typeText(w.moduleListElem(t)) + "]()", typ: t}
	}
	v := w.expression(n.Arguments[0])
	if v.list {
		var t types.Type
		for _, item := range v.items {
			t = w.join(t, item.typ)
		}
		if len(v.items) == 0 {
			return moduleList(w, &node{Kind: "Call", Func: n.Func, Line: n.Line})
		}
		if t == nil || !w.isModule(t) {
			fail(n, "a list of what are no modules")
		}
		var parts []string
		for _, item := range v.items {
			parts = append(parts, w.coerce(item, t))
		}
		text := "nn.NewModuleList"
		if isInterface(t) {
			text += "[" + typeText(t) + "]"
		}
		return value{text: call(text, parts), typ: w.listOf("ModuleList", t)}
	}
	e := elem(v.typ)
	if e == nil || !w.isModule(e) {
		fail(n, "a list of what are no modules")
	}
	return value{text: "nn.NewModuleList(" + v.text + "...)", typ: w.listOf("ModuleList", e)}
}

// assigned returns the variable or field that the statement at hand sets, or nil.
func (w *writer) assigned() *variable {
	if w.at == nil || w.at.Kind != "Assign" || len(w.at.Targets) != 1 {
		return nil
	}
	switch t := w.at.Targets[0]; t.Kind {
	case "Name":
		return w.fn.scope(t.Name)
	case "Attribute":
		if object := w.expression(t.Value); w.classOf(object.typ) != nil {
			return &w.classOf(object.typ).field(t.Name).variable
		}
	}
	return nil
}

func moduleDict(w *writer, n *node) value {
	if len(n.Arguments) != 1 {
		fail(n, "a ModuleDict that is not written out")
	}
	d := n.Arguments[0]
	if d.Kind == "Call" && d.Func.Name == "dict" && len(d.Arguments) == 0 {
		d = keywordDict(d)
	}
	if d.Kind != "Dict" {
		fail(n, "a ModuleDict that is not written out")
	}
	var t types.Type
	var keys, values []value
	for i, k := range d.Keys {
		v := w.expression(d.Values[i])
		w.keyedModule(k, v.typ)
		keys, values = append(keys, w.expression(k)), append(values, v)
		t = w.join(t, v.typ)
	}
	if t == nil || !w.isModule(t) {
		fail(n, "a dict of what are no modules")
	}
	text := "nn.NewModuleDict[" + typeText(t) + "]()"
	for i := range keys {
		text += fmt.Sprintf(".\nSet(%s, %s)", w.coerce(keys[i], stringType), w.coerce(values[i], t))
	}
	return value{text: text, typ: w.listOf("ModuleDict", t)}
}

func saveTo(w *writer, n *node) value {
	if len(n.Arguments) != 2 {
		fail(n, "save with other arguments")
	}
	v := w.settled(w.expression(n.Arguments[0]))
	return value{text: fmt.Sprintf("torch.Save(%s, %s)", v.text, w.coerce(w.expression(n.Arguments[1]), stringType)), fails: true, statement: true}
}

// loadFrom translates torch.load where a module is given what is loaded: only then its type is
// known.
func loadFrom(w *writer, n *node) value {
	x := w.assigned()
	if n.Type != "state" && (x == nil || !w.becomesState(x)) {
		fail(n, "torch.load of a type that is not known: torch.LoadAs takes it")
	}
	text := fmt.Sprintf("torch.LoadAs[nn.StateDict](%s)", w.coerce(w.expression(n.Arguments[0]), stringType))
	return value{text: "must(" + text + ")", typ: w.stateDict(), node: n}
}

func dataLoader(w *writer, n *node) value {
	parameters := append(required("dataset"), keywords("batch_size", "shuffle", "sampler", "batch_sampler", "num_workers", "collate_fn",
		"pin_memory", "drop_last", "timeout", "worker_init_fn", "generator", "prefetch_factor")...)
	f := w.goObject("data.NewDataLoader")
	if i := slices.IndexFunc(n.Keywords, func(k *node) bool { return k.Name == "persistent_workers" }); i >= 0 {
		n = n.withoutKeyword(i) // its workers are goroutines, which nobody keeps
	}
	if len(n.Arguments) == 0 {
		fail(n, "a loader without a dataset")
	}
	set := w.expression(n.Arguments[0])
	if set.typ == nil {
		fail(n, "a loader of a dataset that is not known")
	}
	at, ok := member(set.typ, "At").(*types.Func)
	if !ok || at.Signature().Results().Len() != 2 {
		fail(n, "a loader of a %s", typeText(set.typ))
	}
	t := at.Signature().Results().At(0).Type()
	made, err := types.Instantiate(nil, f.Signature(), []types.Type{t}, false)
	if err != nil {
		fail(n, "a loader of a %s", typeText(set.typ))
	}
	return w.bound(n, "data.NewDataLoader", made.(*types.Signature), parameters)
}

func full(w *writer, n *node) value {
	return w.rewrite(n, "torch.Full", append(required("size", "fill_value"), keywords("dtype", "device", "requires_grad")...)...)
}

func where(w *writer, n *node) value {
	if len(n.Arguments) == 1 && len(n.Keywords) == 0 {
		return value{text: "torch.WhereNonzero(" + w.coerce(w.expression(n.Arguments[0]), w.tensor) + ")", typ: w.tensors, dtype: "int"}
	}
	if len(n.Arguments) != 3 {
		fail(n, "where with other arguments")
	}
	return w.rewrite(n, "torch.Where", required("condition", "input", "other")...)
}

func split(w *writer, n *node) value {
	method := *n
	method.Func = &node{Kind: "Attribute", Name: "split", Value: n.Arguments[0], Line: n.Line}
	method.Arguments = n.Arguments[1:]
	x := w.expression(n.Arguments[0])
	if x.typ == nil && x.variable != nil {
		w.expect(x.variable, w.tensor, true)
	}
	if !w.isTensor(x.typ) {
		fail(n, "a split of what is no tensor")
	}
	return w.tensorMethod(&method, x, "split")
}

func clip(goName string) func(w *writer, n *node) value {
	return func(w *writer, n *node) value {
		names := []string{"parameters", "max_norm"}
		if goName == "ClipGradValue" {
			names[1] = "clip_value"
		}
		return w.rewrite(n, "utils."+goName, append(required(names...), keywords("norm_type", "error_if_nonfinite", "foreach")...)...)
	}
}

func makeDirs(w *writer, n *node) value {
	return value{text: fmt.Sprintf("os.MkdirAll(%s, 0o755)", w.coerce(w.expression(n.Arguments[0]), stringType)), fails: true, statement: true}
}

func joinPath(w *writer, n *node) value {
	var parts []string
	for _, a := range n.Arguments {
		parts = append(parts, w.coerce(w.expression(a), stringType))
	}
	return value{text: call("filepath.Join", parts), typ: stringType}
}

// partial translates functools.partial of a module's class.
func partial(w *writer, n *node) value {
	if len(n.Arguments) != 1 {
		fail(n, "partial with arguments by position")
	}
	v := w.expression(n.Arguments[0])
	if v.path == "" && v.class == nil && v.function == nil {
		fail(n, "partial of what is no class")
	}
	return value{node: n, path: "partial"}
}

// assertion translates torch._assert(condition, message).
func assertion(w *writer, n *node) value {
	if len(n.Arguments) != 2 {
		fail(n, "an assertion without a message")
	}
	w.assert(&node{Kind: "Assert", Test: n.Arguments[0], Msg: n.Arguments[1], Line: n.Line, EndLine: n.EndLine})
	return value{statement: true}
}

// cast translates typing.cast(type, value) of what has any type.
func cast(w *writer, n *node) value {
	if len(n.Arguments) != 2 {
		fail(n, "a cast with other arguments")
	}
	v := w.expression(n.Arguments[1])
	t, known := w.annotation(n.Arguments[0])
	if !known || v.typ == nil || !isInterface(v.typ) {
		v.node = n
		return v
	}
	return value{text: fmt.Sprintf("%s.(%s)", v.primary(), typeText(t)), typ: t}
}

// checkpointed translates torch.utils.checkpoint.checkpoint(function, inputs...).
func checkpointed(w *writer, n *node) value {
	if len(n.Arguments) == 0 {
		fail(n, "no function")
	}
	for _, k := range n.Keywords {
		if k.Name != "use_reentrant" {
			fail(n, "a checkpoint with %s", k.Name)
		}
	}
	f := w.expression(n.Arguments[0])
	text, function := f.text, f.function
	if c := w.classOf(f.typ); function == nil && c != nil {
		text, function = f.primary()+".Forward", c.method("forward")
	}
	if function == nil {
		fail(n, "a checkpoint of what is no function or module of these files")
	}
	called := *n
	called.Func, called.Arguments, called.Keywords = n.Arguments[0], n.Arguments[1:], nil
	return w.ownCall(&called, "checkpoint.Checkpoint("+text+")", function)
}

func einsum(w *writer, n *node) value {
	return w.rewrite(n, "torch.Einsum", parameter{name: "equation"}, parameter{name: "operands", list: true})
}

// newGenerator translates torch.Generator(device).
func newGenerator(w *writer, n *node) value {
	return w.rewrite(n, "torch.NewGenerator", parameter{name: "device", optional: true, defaultValue: "'cpu'"})
}

// randomSplit translates torch.utils.data.random_split(dataset, lengths, generator).
func randomSplit(w *writer, n *node) value {
	if len(n.Arguments) < 2 {
		fail(n, "a split without lengths")
	}
	set, lengths := w.expression(n.Arguments[0]), w.settled(w.expression(n.Arguments[1]))
	at, ok := member(set.typ, "At").(*types.Func)
	if !ok || !isNumber(elem(lengths.typ)) {
		fail(n, "a split of a dataset that is not known")
	}
	made, err := types.Instantiate(nil, w.goObject("data.RandomSplit").Signature(), []types.Type{at.Signature().Results().At(0).Type(), elem(lengths.typ)}, false)
	if err != nil {
		fail(n, "a split of a %s", typeText(set.typ))
	}
	return w.bound(n, "data.RandomSplit", made.(*types.Signature), append(required("dataset", "lengths"), keywords("generator")...))
}

// dataclassField translates field(default=...) and field(default_factory=lambda: ...) of a
// dataclass.
func dataclassField(w *writer, n *node) value {
	for _, k := range n.Keywords {
		switch {
		case k.Name == "default":
			return w.expression(k.Value)
		case k.Name == "default_factory" && k.Value.Kind == "Lambda":
			return w.expression(k.Value.Value)
		case k.Name == "default_factory" && k.Value.Kind == "Name" && k.Value.Name == "list":
			return value{list: true, node: n}
		}
	}
	fail(n, "a field of a dataclass without a default")
	return value{}
}

// pathExists translates os.path.exists(path).
func pathExists(w *writer, n *node) value {
	return value{text: "exists(" + w.textOf(only(n)) + ")", typ: boolType}
}

// folderOf translates os.path.dirname(path).
func folderOf(w *writer, n *node) value {
	w.report.note(w.source, n, "filepath.Dir gives . where Python gives an empty text")
	return value{text: "filepath.Dir(" + w.textOf(only(n)) + ")", typ: stringType}
}
