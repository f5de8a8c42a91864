package pytree

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// LocateArguments notes where the arguments of a call are, of which the tree is a tuple and
// a dict, by their names in forward, and returns where each leaf is. It fails on any other
// tree.
func (t *Tree) LocateArguments(names []string) (leaves []string, err error) {
	if len(t.Children) != 2 || t.Children[0].kind != "tuple" || t.Children[1].kind != "dict" {
		return nil, errors.New("the program's arguments are no tuple and dict")
	}
	positional, byName := t.Children[0], t.Children[1]
	for i, child := range positional.Children {
		name := fmt.Sprintf("args[%d]", i)
		if i < len(names) {
			name = names[i]
		}
		leaves = child.locate(name, leaves)
	}
	for i, child := range byName.Children {
		leaves = child.locate(fmt.Sprint(byName.keys[i]), leaves)
	}
	return leaves, nil
}

// FlattenArguments returns the arguments of a call without their structure. The tree is one
// that [Tree.LocateArguments] has taken.
func (t *Tree) FlattenArguments(args []any, kwargs map[string]any) (leaves []any, err error) {
	positional, byName := t.Children[0], t.Children[1]
	if len(args) != len(positional.Children) {
		return nil, fmt.Errorf("the program takes %d arguments, and %d were given", len(positional.Children), len(args))
	}
	for i, child := range positional.Children {
		if leaves, err = child.flatten(args[i], leaves); err != nil {
			return nil, err
		}
	}
	if !byName.named(kwargs) {
		return nil, byName.mismatch(kwargs)
	}
	for i, child := range byName.Children {
		name, _ := byName.keys[i].(string)
		if leaves, err = child.flatten(kwargs[name], leaves); err != nil {
			return nil, err
		}
	}
	return leaves, nil
}

// named reports whether the named arguments are those of a dict.
func (t *Tree) named(kwargs map[string]any) bool {
	for _, key := range t.keys {
		name, _ := key.(string)
		if _, ok := kwargs[name]; !ok {
			return false
		}
	}
	return len(kwargs) == len(t.keys)
}

// mismatch says that the named arguments are others than those of a dict.
func (t *Tree) mismatch(kwargs map[string]any) error {
	var given, want []string
	for _, name := range slices.Sorted(maps.Keys(kwargs)) {
		given = append(given, Quote(name))
	}
	for _, key := range t.keys {
		want = append(want, Quote(key))
	}
	return fmt.Errorf("Ran into a kwarg keyword mismatch: Got the following keywords [%s] but expected [%s]", //nolint:staticcheck // PyTorch's words
		strings.Join(given, ", "), strings.Join(want, ", "))
}
