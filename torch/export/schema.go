package export

import (
	"encoding/json"
	"fmt"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
)

// What a program's models/model.json holds, as far as it is read: PyTorch's
// torch/_export/serde/schema.py, version 8.
type (
	programJSON struct {
		GraphModule      moduleJSON       `json:"graph_module"`
		Opsets           map[string]int   `json:"opset_version"`
		RangeConstraints map[string]Range `json:"range_constraints"`
		SchemaVersion    versionJSON      `json:"schema_version"`
		Verifiers        []string         `json:"verifiers"`
		TorchVersion     string           `json:"torch_version"`
		Guards           []string         `json:"guards_code"`
	}
	versionJSON struct {
		Major int `json:"major"`
		Minor int `json:"minor"`
	}
	moduleJSON struct {
		Graph     graphJSON     `json:"graph"`
		Signature signatureJSON `json:"signature"`
		Calls     []callJSON    `json:"module_call_graph"`
		Tuples    tuplesJSON    `json:"treespec_namedtuple_fields"`
	}
	tuplesJSON map[string]json.RawMessage // by the names of Python's classes
	callJSON   struct {
		Name      string             `json:"fqn"`
		Signature *callSignatureJSON `json:"signature"`
	}
	callSignatureJSON struct {
		Inputs  []union  `json:"inputs"`
		Outputs []union  `json:"outputs"`
		In      string   `json:"in_spec"`
		Out     string   `json:"out_spec"`
		Names   []string `json:"forward_arg_names"`
	}
	graphJSON struct {
		Inputs  []union             `json:"inputs"`
		Outputs []union             `json:"outputs"`
		Nodes   []nodeJSON          `json:"nodes"`
		Tensors map[string]metaJSON `json:"tensor_values"`
		Ints    map[string]union    `json:"sym_int_values"`
		Bools   map[string]union    `json:"sym_bool_values"`
		Floats  map[string]union    `json:"sym_float_values"`
		Single  bool                `json:"is_single_tensor_return"`
	}
	nodeJSON struct {
		Target   string            `json:"target"`
		Inputs   []argumentJSON    `json:"inputs"`
		Outputs  []union           `json:"outputs"`
		Metadata map[string]string `json:"metadata"`
		Single   *bool             `json:"is_hop_single_tensor_return"`
		Name     *string           `json:"name"`
	}
	argumentJSON struct {
		Name string `json:"name"`
		Arg  union  `json:"arg"`
		Kind int    `json:"kind"`
	}
	namedGraphJSON struct {
		Name  string    `json:"name"`
		Graph graphJSON `json:"graph"`
	}
	exprJSON struct {
		Text string `json:"expr_str"`
		Hint *union `json:"hint"`
	}
	metaJSON struct {
		DType        int        `json:"dtype"`
		Sizes        []union    `json:"sizes"`
		Strides      []union    `json:"strides"`
		Offset       union      `json:"storage_offset"`
		RequiresGrad bool       `json:"requires_grad"`
		Device       deviceJSON `json:"device"`
		Layout       int        `json:"layout"`
	}
	deviceJSON struct {
		Type  string `json:"type"`
		Index *int   `json:"index"`
	}
	signatureJSON struct {
		Inputs  []union `json:"input_specs"`
		Outputs []union `json:"output_specs"`
	}
	named struct {
		Name string `json:"name"`
	}
	payloadJSON struct {
		Config map[string]weightJSON `json:"config"`
	}
	weightJSON struct {
		Path      string   `json:"path_name"`
		IsParam   bool     `json:"is_param"`
		UsePickle bool     `json:"use_pickle"`
		Meta      metaJSON `json:"tensor_meta"`
	}
)

// union is one of several kinds of values: an object with one entry.
type union struct {
	kind  string
	value json.RawMessage
}

func (u *union) UnmarshalJSON(data []byte) error {
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(data, &entries); err != nil {
		return err
	}
	if len(entries) != 1 {
		return fmt.Errorf("a union has %d entries, not one", len(entries))
	}
	for kind, value := range entries {
		*u = union{kind, value}
	}
	return nil
}

// MarshalJSON writes the object.
func (u union) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]json.RawMessage{u.kind: u.value})
}

// oneOf returns a value as one of a union's kinds.
func oneOf(kind string, value any) union {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err) // no value that is passed here has anything that JSON lacks
	}
	return union{kind, data}
}

// read sets what target points to.
func (u union) read(target any) error {
	if err := json.Unmarshal(u.value, target); err != nil {
		return fmt.Errorf("%s: %w", brief.Text(u.kind), err)
	}
	return nil
}

// name returns the node's name, or "".
func (j *nodeJSON) name() string {
	if j.Name == nil {
		return ""
	}
	return *j.Name
}

// dtypes are torch's by the numbers of the schema, which are not libtorch's.
var dtypes = map[int]torch.DType{
	1: torch.Uint8, 2: torch.Int8, 3: torch.Int16, 4: torch.Int32, 5: torch.Int64, 6: torch.Float16, 7: torch.Float32,
	8: torch.Float64, 9: torch.Complex32, 10: torch.Complex64, 11: torch.Complex128, 12: torch.Bool, 13: torch.BFloat16,
	28: torch.Uint16, 29: torch.Float8E4M3FN, 30: torch.Float8E5M2, 31: torch.Float8E4M3FNUZ, 32: torch.Float8E5M2FNUZ,
	33: torch.Float8E8M0FNU, 34: torch.Uint32, 35: torch.Uint64,
}

var layouts = map[int]torch.Layout{
	1: torch.SparseCOO, 2: torch.SparseCSR, 3: torch.SparseCSC, 4: torch.SparseBSR, 5: torch.SparseBSC, 6: torch.Mkldnn, stridedLayout: torch.Strided,
}

const stridedLayout = 7

var memoryFormats = map[int]torch.MemoryFormat{
	1: torch.ContiguousFormat, 2: torch.ChannelsLast, 3: torch.ChannelsLast3d, 4: torch.PreserveFormat,
}

// number returns the number of a value in the schema.
func number[T comparable](values map[int]T, v T) (int, error) {
	for n, known := range values {
		if known == v {
			return n, nil
		}
	}
	return 0, fmt.Errorf("the format has no %T %v", v, v)
}

// enum returns the value of a number of the schema.
func enum[T any](values map[int]T, n int) (T, error) {
	v, ok := values[n]
	if !ok {
		return v, fmt.Errorf("there is no %T with the number %d", v, n)
	}
	return v, nil
}

func (d deviceJSON) device() (torch.Device, error) {
	name := brief.Text(d.Type)
	if d.Index != nil {
		name = fmt.Sprintf("%s:%d", name, *d.Index)
	}
	return torch.ParseDevice(name)
}
