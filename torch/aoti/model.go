// Package aoti runs models that PyTorch's AOTInductor compiled to native code: the .pt2
// packages of torch._inductor.aoti_compile_and_package and of "gotorch compile", without
// Python.
//
//	model, err := aoti.Load("model_aoti.pt2")
//	...
//	defer model.Close()
//	y, err := model.Run(x)
//
// A package is a program: loading one runs its code with all that the process may do. Load
// those only that you made or trust as you trust a program. It fits one libtorch, one kind of
// processor and one kind of device; [Load] says so where it does not fit, but for what the
// package does not tell: PyTorch compiles with -march=native, and notes no more of the
// processor than its vector instructions, so compile on a machine like the oldest that the
// package is for.
//
// https://docs.pytorch.org/docs/stable/user_guide/torch_compiler/torch.compiler_aot_inductor.html
package aoti

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Model is a compiled model. Several goroutines may use it at once, and any may close it at
// any moment.
type Model struct {
	model    *model
	compiled compiled
	files    *unpacked
	closing  runtime.Cleanup
	running  sync.RWMutex // for those who run it

	lacking sync.Mutex
	missing []string // constants that were not packaged and have not been given
}

// compiled is the code of a model.
type compiled interface {
	Run(inputs []*torch.Tensor) ([]*torch.Tensor, error)
	Constants() (map[string]*torch.Tensor, error)
	Update(names []string, tensors []*torch.Tensor) error
	Free()
}

// LoadOptions are the options of [Load].
type LoadOptions struct {
	Model   string       // which of the package's models; default: "model", or the only one
	Device  torch.Device // where it runs, such as torch.CUDA(1); default: the kind it was compiled for, its current device
	Runners *int         // how many calls run at once, each with memory of its own; default: 1. Further ones wait
}

// Load loads a model of a package: a .pt2 file, or the folder that it was unpacked to. Its
// code runs from here on; read what the package's doc says of trust. It fails, and says
// why, on a file of another kind, one that is cut off or damaged, a model that the package
// has not, one compiled for another system, processor, device or libtorch, and with a
// libtorch before 2.15.
//
// The library of a .pt2 file is in memory; one of hundreds of megabytes is better unpacked
// once, by unzip, and loaded from its folder. A model that has operators of its own, or
// kernels of CUDA, has further files: those are in a temporary folder as long as they are
// needed, and what a killed process has left of them the next Load removes.
//
// https://docs.pytorch.org/docs/stable/user_guide/torch_compiler/torch.compiler_aot_inductor.html
func Load(path string, options ...LoadOptions) (*Model, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, fmt.Errorf("aoti.Load: %w", err)
	}
	m, err := load(path, o)
	if err != nil {
		return nil, fmt.Errorf("aoti.Load: %s: %w", path, err)
	}
	return m, nil
}

func load(path string, o LoadOptions) (*Model, error) {
	if runners := option.Or(o.Runners, 1); runners < 1 {
		return nil, fmt.Errorf("there are %d runners, want 1 or more", runners)
	}
	f, err := openFiles(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.list()
	if err != nil {
		return nil, err
	}
	name, err := choose(modelsOf(names), o.Model)
	if err != nil {
		return nil, err
	}
	m, err := readModel(f, names, name)
	if err == nil {
		err = m.runsHere(f)
	}
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", brief.Text(name), err)
	}
	loaded, err := loadModel(f, m, o)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", brief.Text(name), err)
	}
	return loaded, nil
}

// choose returns the name of the model that is asked for.
func choose(models []string, want string) (string, error) {
	switch {
	case slices.Contains(models, want):
		return want, nil
	case want == "" && slices.Contains(models, "model"):
		return "model", nil
	case want == "" && len(models) == 1:
		return models[0], nil
	}
	return "", fmt.Errorf("it has the models %q: LoadOptions.Model says which", models)
}

// loadModel loads a model's code.
func loadModel(f files, m *model, o LoadOptions) (*Model, error) {
	device, err := place(m.Device, o.Device)
	if err != nil {
		return nil, err
	}
	files, err := unpack(f, m)
	if err != nil {
		return nil, err
	}
	code, err := torch.Internal.Export(nil).LoadCompiled(files.library, device, files.kernels, option.Or(o.Runners, 1))
	if err != nil {
		files.remove()
		if strings.Contains(err.Error(), "undefined symbol") {
			err = fmt.Errorf("it was compiled for another libtorch than this, %s: %w", torch.Version(), err)
		}
		return nil, err
	}
	files.loaded(m.Device)
	loaded := &Model{model: m, compiled: code, files: files}
	loaded.closing = runtime.AddCleanup(loaded, func(u *unpacked) { u.remove() }, files)
	said, _, err := code.Describe()
	if err == nil && (len(said.Inputs) != len(m.Inputs) || len(said.Outputs) != m.Outputs || len(said.Constants) != len(m.Constants)) {
		err = errors.New("its library and its C++ are of different models")
	}
	if err == nil {
		err = loaded.findMissing()
	}
	if err != nil {
		loaded.Close()
		return nil, err
	}
	return loaded, nil
}

// place returns the device that a model runs on, of those it was compiled for.
func place(compiled string, want torch.Device) (string, error) {
	if want != (torch.Device{}) && want.Type() != compiled {
		return "", fmt.Errorf("it was compiled for %s, and is to run on %v", brief.Text(compiled), want)
	}
	name := compiled
	if want != (torch.Device{}) {
		name = want.String()
	}
	if _, err := torch.ParseDevice(name); err != nil {
		return "", fmt.Errorf("it was compiled for %s: %w", brief.Text(compiled), err)
	}
	return name, nil
}

// findMissing notes which constants were not packaged.
func (m *Model) findMissing() error {
	if len(m.model.Constants) == 0 {
		return nil
	}
	held, err := m.compiled.Constants()
	if err != nil {
		return err
	}
	for _, c := range m.model.Constants {
		if held[c.Name] == nil {
			m.missing = append(m.missing, c.Name)
		}
	}
	for _, x := range held {
		x.Close()
	}
	return nil
}

// Info returns what the package says of the model.
func (m *Model) Info() Info {
	if m.ready() != nil {
		return Info{}
	}
	return m.model.Info
}

// ready fails for a model that Load has not made.
func (m *Model) ready() error {
	if m == nil || m.model == nil {
		return errors.New("aoti: there is no model: Load loads one")
	}
	return nil
}

// Close frees the model when the calls that run have ended. Closing it again does nothing.
func (m *Model) Close() {
	if m.ready() != nil {
		return
	}
	m.compiled.Free()
	go func() {
		m.running.Lock() // those who run it may look for files
		defer m.running.Unlock()
		m.closing.Stop()
		m.files.remove()
	}()
}

// Run runs the model with the arguments of the module's forward and returns what that gives.
// What Python has in a tuple or a list is a [torch.Tuple] or a []any, what it has in a dict a
// map[string]any; a single tensor is a *[torch.Tensor]. The results are the caller's, without
// gradients; the arguments stay so. Numbers, strings and nil among the arguments have the
// values that the model was compiled with, whatever is given.
//
// It fails on arguments of another structure, and where dtype, device, sizes or strides of a
// tensor are not those that the model was compiled for: they are compared with the C++ in the
// package, as the library itself would take any. The package does not tell which sizes
// have to be equal, such as the batches of two arguments: such ones must be.
//
// A model that changes its buffers or its arguments changes these. All runners share the buffers:
// run such a model with one.
func (m *Model) Run(args ...any) (any, error) { return m.RunNamed(args, nil) }

// RunNamed is [Model.Run] with further arguments by their names in forward.
func (m *Model) RunNamed(args []any, kwargs map[string]any) (any, error) {
	if err := m.ready(); err != nil {
		return nil, err
	}
	inputs, err := m.inputs(args, kwargs)
	if err != nil {
		return nil, fmt.Errorf("aoti: %w", err)
	}
	if name, lacks := m.lacks(); lacks {
		return nil, fmt.Errorf("aoti: the package has no constant %s: UpdateConstants gives it", brief.Text(name))
	}
	m.running.RLock()
	defer m.running.RUnlock()
	outputs, err := m.compiled.Run(inputs)
	if err != nil {
		return nil, fmt.Errorf("aoti: %w", err)
	}
	results := make([]any, len(outputs))
	for i, x := range outputs {
		if x != nil {
			results[i] = x
		}
	}
	value, _ := m.model.out.Unflatten(results)
	return value, nil
}

// lacks returns a constant that is not there, if there is one.
func (m *Model) lacks() (name string, lacks bool) {
	m.lacking.Lock()
	defer m.lacking.Unlock()
	if len(m.missing) == 0 {
		return "", false
	}
	return m.missing[0], true
}

// inputs returns the tensors among the arguments, if the model was compiled for such.
func (m *Model) inputs(args []any, kwargs map[string]any) ([]*torch.Tensor, error) {
	leaves, err := m.model.in.FlattenArguments(args, kwargs)
	if err != nil {
		return nil, err
	}
	var inputs []*torch.Tensor
	for _, leaf := range leaves {
		if x, ok := leaf.(*torch.Tensor); ok {
			inputs = append(inputs, x)
		}
	}
	if len(inputs) != len(m.model.Inputs) {
		return nil, fmt.Errorf("the model takes %d tensors, and there are %d among the arguments", len(m.model.Inputs), len(inputs))
	}
	for i, x := range inputs {
		in := &m.model.Inputs[i]
		if why := in.check(x); why != "" {
			return nil, fmt.Errorf("%s %s", in.Name, why)
		}
	}
	return inputs, nil
}

// Constants returns copies of the model's constants, its weights, by the names that they had
// in the module that was compiled.
func (m *Model) Constants() (nn.StateDict, error) {
	if err := m.ready(); err != nil {
		return nil, err
	}
	held, err := m.compiled.Constants()
	if err != nil {
		return nil, fmt.Errorf("aoti: %w", err)
	}
	var dict nn.StateDict
	for _, c := range m.model.Constants {
		if x := held[c.Name]; x != nil && dict.Get(c.Name) == nil {
			dict = append(dict, nn.NamedTensor{Name: c.Name, Tensor: x})
		}
	}
	return dict, nil
}

// UpdateOptions are the options of [Model.UpdateConstants].
type UpdateOptions struct {
	Partial bool // replace those that are given, and leave the others as they are
}

// UpdateConstants replaces the model's constants by copies of the tensors of a state dict,
// when the calls that run have ended; later ones run with the new. It fails, and replaces nothing,
// where a dtype or shape is another; on a name that the model has not; and unless Partial is set,
// where a parameter or buffer of the model is not given.
//
// AOTInductor makes vectors of up to 8 elements, such as small biases, a part of the code, which
// nothing replaces, unless its option always_keep_tensor_constants is set, as "gotorch compile"
// does. What the module has and does not use is not in the model, either.
//
// It is load_constants of Python's AOTICompiledModel, with check_full_update unless Partial.
func (m *Model) UpdateConstants(dict nn.StateDict, options ...UpdateOptions) error {
	o, err := option.AtMostOne(options)
	if err != nil {
		return fmt.Errorf("aoti: %w", err)
	}
	if err := m.ready(); err != nil {
		return err
	}
	for _, n := range dict {
		if !slices.ContainsFunc(m.model.Constants, func(c Constant) bool { return c.Name == n.Name }) {
			return fmt.Errorf("aoti: the model has no constant %s: it is not used, or a part of the code, unless compiled with always_keep_tensor_constants",
				brief.Text(n.Name))
		}
	}
	var names []string
	var tensors []*torch.Tensor
	for _, c := range m.model.Constants {
		x := dict.Get(c.Name)
		switch {
		case x != nil && slices.Contains(names, c.Name):
		case x != nil:
			names, tensors = append(names, c.Name), append(tensors, x)
		case !o.Partial && c.Kind != "TensorConstant":
			return fmt.Errorf("aoti: the state dict has no %s: UpdateOptions.Partial leaves such as they are", brief.Text(c.Name))
		}
	}
	if err := m.compiled.Update(names, tensors); err != nil {
		return fmt.Errorf("aoti: %w", err)
	}
	m.lacking.Lock()
	defer m.lacking.Unlock()
	m.missing = slices.DeleteFunc(m.missing, func(name string) bool { return slices.Contains(names, name) })
	return nil
}

// Metadata returns what PyTorch notes of the model, such as "AOTI_CPU_ISA", and what was
// given as aot_inductor.metadata when it was compiled.
func (m *Model) Metadata() map[string]string { return maps.Clone(m.Info().Metadata) }
