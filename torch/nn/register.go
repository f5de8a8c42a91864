package nn

import (
	"reflect"
	"strings"
	"unicode"

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
			name = snakeCase(field.Name)
		}
		switch {
		case field.Type == tensorType:
			m.checkName(name)
			s := slot{name: name, tensor: keep(v.Field(i).Addr().Interface().(**torch.Tensor))}
			switch options {
			case "":
				m.parameters = append(m.parameters, s)
			case "buffer,nonpersistent":
				s.transient = true
				m.buffers = append(m.buffers, s)
			case "buffer":
				m.buffers = append(m.buffers, s)
			default:
				fail("nn.Init", "field "+field.Name+" has an unknown tag: "+tag)
			}
		case field.Type.Implements(moduleType):
			m.checkName(name)
			value := v.Field(i)
			if !value.IsNil() && value.Interface().(AnyModule).base() == m {
				fail("nn.Init", "field "+field.Name+" is embedded in place of nn.Module; embed nn.Module, and name the field")
			}
			m.adopt(name, func() AnyModule {
				if value.IsNil() {
					return nil
				}
				return value.Interface().(AnyModule)
			})
		}
	}
}

// checkName panics if name cannot be a new part of m.
func (m *Module) checkName(name string) {
	if name == "" || strings.Contains(name, ".") {
		fail("nn.Module", `a name cannot be empty or contain ".": "`+name+`"`)
	}
	taken := false
	for _, s := range append(m.parameters[:len(m.parameters):len(m.parameters)], m.buffers...) {
		taken = taken || s.name == name
	}
	for _, c := range m.children {
		taken = taken || c.name == name
	}
	if taken {
		fail("nn.Module", `there are two parts of the name "`+name+`"`)
	}
}

// snakeCase turns a Go field's name into Python's: FC1 into fc1, InProjWeight
// into in_proj_weight, LayerNorm2 into layer_norm2.
func snakeCase(name string) string {
	var out strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) {
			afterLower := !unicode.IsUpper(runes[i-1])
			beforeLower := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if afterLower || beforeLower {
				out.WriteByte('_')
			}
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}
