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

// register finds parameters, buffers and children among the fields of v.
func (m *Module) register(v reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		tag := field.Tag.Get("nn")
		embedded := field.Anonymous && field.Type.Kind() == reflect.Struct
		if !field.IsExported() && !embedded || field.Type == baseType || tag == "-" {
			continue
		}
		if reflect.PointerTo(field.Type).Implements(moduleType) && field.Type.Kind() == reflect.Struct {
			if !embedded {
				fail("nn.Init", "field "+field.Name+" holds a module by value; make it a pointer")
			}
			m.register(v.Field(i))
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if name == "" {
			name = naming.SnakeCase(field.Name)
		}
		switch {
		case field.Type == tensorType:
			s := slot{name: name, tensor: v.Field(i).Addr().Interface().(**torch.Tensor)}
			switch options {
			case "":
			case "buffer":
				s.buffer = true
			case "buffer,nonpersistent":
				s.buffer, s.transient = true, true
			default:
				fail("nn.Init", "field "+field.Name+" has an unknown tag: "+tag)
			}
			m.add(s)
		case field.Type.Implements(moduleType):
			m.checkName("module", name)
			value := v.Field(i)
			if held := (child{field: value}).get(); held != nil && held.base() == m {
				fail("nn.Init", "field "+field.Name+" is embedded in place of nn.Module; embed nn.Module, and name the field")
			}
			m.children = append(m.children, m.adopted(child{name: name, field: value}))
		}
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
		refuse("Module", torch.ValueError, "Cannot assign non-leaf Tensor to parameter '%[1]s'. Model parameters must be created"+
			" explicitly. To express '%[1]s' as a function of another Tensor, compute the value in the forward() method.", s.name)
	}
	m.parameters = append(m.parameters, s)
}

// checkName panics if name cannot be a new part of m, of the given kind.
func (m *Module) checkName(kind, name string) {
	switch {
	case name == "":
		fail("nn.Module", kind+` name can't be empty string ""`)
	case strings.Contains(name, ".") && kind == "module":
		fail("nn.Module", `module name can't contain ".", got: `+name)
	case strings.Contains(name, "."):
		fail("nn.Module", kind+` name can't contain "."`)
	case m.slot(name) != nil || m.child(name) != nil:
		fail("nn.Module", "attribute '"+name+"' already exists")
	}
}
