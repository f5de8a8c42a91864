package nn

import (
	"reflect"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/naming"
	"github.com/wangkuiyi/gotorch/torch"
)

var (
	tensorType = reflect.TypeFor[*torch.Tensor]()
	moduleType = reflect.TypeFor[AnyModule]()
	baseType   = reflect.TypeFor[Module]()
)

// register finds parameters, buffers and children among the fields of v, a struct
// of the given name. It returns the others that may hold modules or tensors.
func (m *Module) register(v reflect.Value, name string) (others []strayField) {
	if v.Type() == baseType {
		return nil
	}
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		tag, tagged := field.Tag.Lookup("nn")
		switch {
		case tag == "-" || field.Anonymous && field.Type == baseType:
		case field.Anonymous && field.Type.Kind() == reflect.Struct:
			others = append(others, m.register(value, name)...)
		case field.IsExported() && (field.Type == tensorType || field.Type.Implements(moduleType)):
			m.registerField(value, &field, name+"."+field.Name)
		case tagged:
			lose(name+"."+field.Name, "has a tag, which only exported fields can have that are tensors or modules", hintFor(field.Type, field.IsExported()))
		case mayHold(field.Type, true):
			others = append(others, strayField{unsealed(value), name + "." + field.Name, hintFor(field.Type, field.IsExported())})
		}
	}
	return others
}

// registerField adds the parameter, the buffer or the child that a field is for.
func (m *Module) registerField(value reflect.Value, field *reflect.StructField, path string) {
	tag := field.Tag.Get("nn")
	name, options, _ := strings.Cut(tag, ",")
	if name == "" {
		name = naming.SnakeCase(field.Name)
	}
	buffer := field.Type == tensorType && (options == "buffer" || options == "buffer,nonpersistent")
	switch {
	case options != "" && !buffer:
		panic(torch.Errorf("nn.Init", torch.RuntimeError, "field %s has an unknown tag: %s", field.Name, tag))
	case field.Type == tensorType:
		s := slot{name: name, tensor: value.Addr().Interface().(**torch.Tensor), buffer: buffer, transient: options == "buffer,nonpersistent"}
		if x := *s.tensor; x != nil && !buffer && !isParameter(x) {
			lose(path, "holds a tensor that is no parameter", "make it with nn.NewParameter, or tag it `nn:\",buffer\"`")
		}
		m.add(s)
	default:
		m.checkName("module", name)
		m.children = append(m.children, m.adopted(child{name: name, field: value}))
	}
}

// add adds a parameter or a buffer, and takes its tensor out of the scope that it
// was made in.
func (m *Module) add(s slot) {
	(*s.tensor).Keep()
	if s.buffer {
		m.checkName("buffer", s.name)
		m.buffers = append(m.buffers, s)
		return
	}
	m.checkName("parameter", s.name)
	if x := *s.tensor; x != nil && !x.IsLeaf() {
		panic(torch.Errorf("nn.Module", torch.ValueError, "Cannot assign non-leaf Tensor to parameter '%[1]s'. Model parameters must be created"+
			" explicitly. To express '%[1]s' as a function of another Tensor, compute the value in the forward() method.", s.name))
	}
	m.parameters = append(m.parameters, s)
}

// checkName panics if name cannot be a new part of m, of the given kind.
func (m *Module) checkName(kind, name string) {
	switch {
	case name == "":
		panic(torch.Errorf("nn.Module", torch.RuntimeError, `%s name can't be empty string ""`, kind))
	case strings.Contains(name, ".") && kind == "module":
		panic(torch.Errorf("nn.Module", torch.RuntimeError, `module name can't contain ".", got: %s`, name))
	case strings.Contains(name, "."):
		panic(torch.Errorf("nn.Module", torch.RuntimeError, `%s name can't contain "."`, kind))
	case m.slot(name) != nil || m.child(name) != nil:
		panic(torch.Errorf("nn.Module", torch.RuntimeError, "attribute '%s' already exists", name))
	}
}
