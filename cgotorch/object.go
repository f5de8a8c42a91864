package cgotorch

/*
#include "trampolines.h"
*/
import "C"

// FreeObject drops a reference. The last one to a process group waits for what the
// group has begun.
func FreeObject(object Handle) {
	C.ctorch_object_free(C.uint64_t(object))
	reap()
}

// ObjectType returns the name of the object's class, such as
// "__torch__.torch.classes.c10d.Work".
func ObjectType(object Handle) (string, *Error) {
	var name *C.char
	if err := takeError(C.ctorch_object_type(C.uint64_t(object), &name)); err != nil {
		return "", err
	}
	return takeString(name), nil
}
