package serve

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/jit"
)

// LoadScript reads a program of TorchScript, as [NewScript] takes it.
func LoadScript(path string, batch bool) (Model, error) {
	m, err := jit.Load(path, jit.LoadOptions{MapLocation: torch.CPU})
	if err != nil {
		return nil, err
	}
	s, err := NewScript(m, batch)
	if err != nil {
		m.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// NewScript returns a model that runs a program of TorchScript in Eval. Its inputs are those
// arguments of its forward that have no default, by their names; the file says neither their
// dtypes nor their shapes. With batch, the first sizes of all inputs and outputs count rows
// that do not depend on each other. Close closes the program. It fails if forward takes
// anything but tensors.
func NewScript(m *jit.Module, batch bool) (Model, error) {
	if m == nil {
		return nil, errors.New("there is no program: jit.Load reads one")
	}
	methods, err := m.Methods()
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(methods, func(method jit.Method) bool { return method.Name == "forward" })
	if at < 0 {
		return nil, errors.New("the program has no forward")
	}
	s := Signature{Platform: "pytorch_torchscript", Batch: batch}
	for _, argument := range argumentsOf(methods[at].Schema) {
		kind, name, _ := strings.Cut(argument, " ")
		switch {
		case strings.Contains(name, "="): // its default is taken
		case kind != "Tensor":
			return nil, fmt.Errorf("the argument %s of forward is no tensor", brief.Text(argument))
		default:
			s.Inputs = append(s.Inputs, Spec{Name: name})
		}
	}
	m.Eval()
	return NewModel(s, runOf(m.Run), m.Close), nil
}

// argumentsOf returns the arguments of a schema after self, such as "Tensor x".
func argumentsOf(schema string) (list []string) {
	_, rest, _ := strings.Cut(schema, "(")
	depth, start := 0, 0
	for i, r := range rest {
		switch r {
		case '(', '[':
			depth++
		case ']':
			depth--
		case ',', ')':
			if depth == 0 {
				list = append(list, strings.TrimSpace(rest[start:i]))
				start = i + 1
			}
			if r == ')' {
				if depth--; depth < 0 {
					return list[1:]
				}
			}
		}
	}
	return nil
}

// runOf returns a model's Run for a function of Python's: what is in tuples, lists and dicts
// of the results comes one after the other.
func runOf(run func(args ...any) (any, error)) func(inputs []*torch.Tensor) ([]*torch.Tensor, error) {
	return func(inputs []*torch.Tensor) ([]*torch.Tensor, error) {
		args := make([]any, len(inputs))
		for i, x := range inputs {
			args[i] = x
		}
		value, err := run(args...)
		if err != nil {
			return nil, err
		}
		return tensorsOf(nil, value)
	}
}

// tensorsOf appends the tensors in a value; those of a map are by name.
func tensorsOf(list []*torch.Tensor, value any) (_ []*torch.Tensor, err error) {
	switch v := value.(type) {
	case *torch.Tensor:
		return append(list, v), nil
	case []*torch.Tensor:
		return append(list, v...), nil
	case torch.Tuple:
		return tensorsOf(list, []any(v))
	case []any:
		for _, item := range v {
			if list, err = tensorsOf(list, item); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if list, err = tensorsOf(list, v[name]); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return nil, fmt.Errorf("the model gives a %T, which is no tensor", value)
}
