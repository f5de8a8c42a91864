// Package pytree is how values lie in tuples, lists and dicts, as PyTorch's pytree says it
// in the programs of torch.export and AOTInductor.
package pytree

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
)

// Tree is how values lie in tuples, lists and dicts: PyTorch's TreeSpec. The zero Tree is a
// leaf.
type Tree struct {
	kind     string // "" for a leaf, "tuple", "list", "dict", "OrderedDict"
	keys     []any  // of a dict
	Children []*Tree
	at       string // where it is in the arguments, such as "x[0]['k']"

	class   string          // Python's, in a file
	context json.RawMessage // what a file says of it
}

// NewLeaves returns n trees that are leaves.
func NewLeaves(n int) []*Tree {
	list := make([]*Tree, n)
	for i := range list {
		list[i] = &Tree{}
	}
	return list
}

// Of returns the tree of a tuple or a dict without keys.
func Of(kind string, children ...*Tree) *Tree {
	context := map[string]string{"tuple": `"null"`, "dict": `"[]"`}[kind]
	return &Tree{kind: kind, Children: children, class: "builtins." + kind, context: json.RawMessage(context)}
}

// maxTree is how deep a tree may be.
const maxTree = 100

// Parse reads a tree as PyTorch's treespec_dumps writes it: [1, {...}].
func Parse(text string) (*Tree, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal([]byte(text), &parts); err != nil || len(parts) != 2 {
		return nil, errors.Join(errors.New("no version and tree"), err)
	}
	if version := string(parts[0]); version != "1" {
		return nil, fmt.Errorf("version %s of trees, want 1", brief.Text(version))
	}
	return decodeTree(parts[1], 0)
}

func decodeTree(data []byte, depth int) (*Tree, error) {
	var node struct {
		Type     *string           `json:"type"`
		Context  json.RawMessage   `json:"context"`
		Children []json.RawMessage `json:"children_spec"`
	}
	if err := json.Unmarshal(data, &node); err != nil {
		return nil, err
	}
	if depth > maxTree {
		return nil, fmt.Errorf("a tree is more than %d deep", maxTree)
	}
	t := &Tree{}
	if node.Type == nil {
		return t, nil
	}
	t.class, t.context = *node.Type, node.Context
	switch kind := *node.Type; {
	case kind == "builtins.tuple", kind == "collections.namedtuple", kind == "torch.Size", strings.HasPrefix(kind, "torch.return_types."):
		t.kind = "tuple"
	case kind == "builtins.list", kind == "collections.deque":
		t.kind = "list"
	case kind == "builtins.dict", kind == "collections.defaultdict":
		t.kind = "dict"
	case kind == "collections.OrderedDict":
		t.kind = "OrderedDict"
	default:
		return nil, fmt.Errorf("values lie in a %s, which has no counterpart in Go: let the model take and give tensors in tuples, lists and dicts", brief.Text(kind))
	}
	if t.kind == "dict" || t.kind == "OrderedDict" {
		var err error
		if t.keys, err = dictKeys(node.Context); err != nil {
			return nil, err
		}
		if len(t.keys) != len(node.Children) {
			return nil, fmt.Errorf("a dict has %d keys and %d values", len(t.keys), len(node.Children))
		}
	}
	for _, child := range node.Children {
		c, err := decodeTree(child, depth+1)
		if err != nil {
			return nil, err
		}
		t.Children = append(t.Children, c)
	}
	return t, nil
}

// Dumps writes a tree as PyTorch's treespec_dumps does.
func (t *Tree) Dumps() string {
	data, err := json.Marshal([]any{1, t.encode()})
	if err != nil {
		panic(err) // there is nothing in it that JSON lacks
	}
	return string(data)
}

// treeJSON is a tree in a file.
type treeJSON struct {
	Type     *string         `json:"type"`
	Context  json.RawMessage `json:"context"`
	Children []treeJSON      `json:"children_spec"`
}

func (t *Tree) encode() treeJSON {
	j := treeJSON{Children: make([]treeJSON, len(t.Children))}
	for i, child := range t.Children {
		j.Children[i] = child.encode()
	}
	if t.kind != "" {
		j.Type, j.Context = &t.class, t.context
	}
	return j
}

// dictKeys returns the keys of a dict, which PyTorch writes as JSON in a text; a
// defaultdict has them within an object.
func dictKeys(context json.RawMessage) (keys []any, err error) {
	var text string
	if json.Unmarshal(context, &text) == nil {
		err = json.Unmarshal([]byte(text), &keys)
	} else {
		var defaults struct {
			Keys []any `json:"dict_context"`
		}
		err = json.Unmarshal(context, &defaults)
		keys = defaults.Keys
	}
	for i, key := range keys {
		switch k := key.(type) {
		case float64:
			keys[i] = int(k)
		case string, bool, nil:
		default:
			return nil, fmt.Errorf("a key of a dict is a %T", key)
		}
	}
	return keys, err
}

// locate notes where the tree is in the arguments, and appends where its leaves are.
func (t *Tree) locate(at string, leaves []string) []string {
	t.at = at
	if t.kind == "" {
		return append(leaves, at)
	}
	for i, child := range t.Children {
		key := any(i)
		if t.keys != nil {
			key = t.keys[i]
		}
		leaves = child.locate(fmt.Sprintf("%s[%s]", at, Quote(key)), leaves)
	}
	return leaves
}

// flatten appends the leaves of a value to list.
func (t *Tree) flatten(value any, list []any) ([]any, error) {
	switch t.kind {
	case "":
		return append(list, value), nil
	case "tuple", "list":
		items, ok := itemsOf(value)
		if !ok || len(items) != len(t.Children) {
			return nil, fmt.Errorf("%s is %s, want a []any of %d", t.at, what(value), len(t.Children))
		}
		for i, child := range t.Children {
			var err error
			if list, err = child.flatten(items[i], list); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	get, n := entriesOf(value)
	if get == nil || n != len(t.keys) {
		return nil, fmt.Errorf("%s is %s, want a map with the keys %v", t.at, what(value), t.keys)
	}
	for i, child := range t.Children {
		v, ok := get(t.keys[i])
		if !ok {
			return nil, fmt.Errorf("%s lacks the key %v", t.at, t.keys[i])
		}
		var err error
		if list, err = child.flatten(v, list); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Quote writes a key or a constant as Python does.
func Quote(v any) string {
	if text, ok := v.(string); ok {
		return "'" + text + "'"
	}
	return python.Repr(v)
}

func what(value any) string {
	switch v := value.(type) {
	case []any:
		return fmt.Sprintf("a list of %d", len(v))
	case torch.Tuple:
		return fmt.Sprintf("a tuple of %d", len(v))
	}
	return fmt.Sprintf("a %T", value)
}

// itemsOf returns the items of a list or a tuple.
func itemsOf(value any) ([]any, bool) {
	switch v := value.(type) {
	case []any:
		return v, true
	case torch.Tuple:
		return v, true
	case []*torch.Tensor:
		items := make([]any, len(v))
		for i, x := range v {
			items[i] = x
		}
		return items, true
	}
	return nil, false
}

// entriesOf returns what gets the values of a dict, and how many it has.
func entriesOf(value any) (get func(key any) (any, bool), n int) {
	switch v := value.(type) {
	case map[string]any:
		return func(key any) (any, bool) {
			name, _ := key.(string)
			item, ok := v[name]
			return item, ok
		}, len(v)
	case map[any]any:
		return func(key any) (any, bool) { item, ok := v[key]; return item, ok }, len(v)
	case map[string]*torch.Tensor:
		return func(key any) (any, bool) {
			name, _ := key.(string)
			item, ok := v[name]
			return item, ok
		}, len(v)
	case torch.OrderedDict:
		return func(key any) (any, bool) {
			i := slices.IndexFunc(v, func(item torch.Item) bool { return item.Key == key })
			if i < 0 {
				return nil, false
			}
			return v[i].Value, true
		}, len(v)
	}
	return nil, 0
}

// Leaves returns how many leaves the tree has.
func (t *Tree) Leaves() int {
	if t.kind == "" {
		return 1
	}
	n := 0
	for _, child := range t.Children {
		n += child.Leaves()
	}
	return n
}

// Unflatten makes a value of leaves, of which it takes the first ones, and returns the
// rest.
func (t *Tree) Unflatten(leaves []any) (value any, rest []any) {
	if t.kind == "" {
		return leaves[0], leaves[1:]
	}
	items := make([]any, len(t.Children))
	for i, child := range t.Children {
		items[i], leaves = child.Unflatten(leaves)
	}
	switch t.kind {
	case "tuple":
		return torch.Tuple(items), leaves
	case "list":
		return items, leaves
	case "OrderedDict":
		dict := make(torch.OrderedDict, len(items))
		for i := range items {
			dict[i] = torch.Item{Key: t.keys[i], Value: items[i]}
		}
		return dict, leaves
	}
	texts := map[string]any{}
	for i, key := range t.keys {
		if name, ok := key.(string); ok {
			texts[name] = items[i]
		}
	}
	if len(texts) == len(items) {
		return texts, leaves
	}
	dict := map[any]any{}
	for i, key := range t.keys {
		dict[key] = items[i]
	}
	return dict, leaves
}
