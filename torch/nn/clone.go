package nn

import (
	"reflect"

	"github.com/wangkuiyi/gotorch/torch"
)

// clone returns a deep copy of a module whose parts are all in its fields.
func clone[M AnyModule](module M) M {
	c := reflect.New(reflect.TypeOf(module).Elem())
	c.Elem().Set(reflect.ValueOf(module).Elem())
	cloneFields(c.Elem())
	copied := Init(c.Interface().(M))
	copied.base().evaluating = module.base().evaluating
	return copied
}

func cloneFields(v reflect.Value) {
	for i := range v.NumField() {
		field := v.Field(i)
		if embedded := v.Type().Field(i); embedded.Anonymous && field.Kind() == reflect.Struct && embedded.Type != baseType {
			cloneFields(field)
			continue
		}
		if !field.CanSet() || field.Kind() != reflect.Pointer && field.Kind() != reflect.Interface || field.IsNil() {
			continue
		}
		switch part := field.Interface().(type) {
		case *torch.Tensor:
			x := part.Detach().Clone().SetRequiresGrad(part.RequiresGrad())
			field.Set(reflect.ValueOf(x))
		case AnyModule:
			field.Set(reflect.ValueOf(clone(part)))
		}
	}
}
