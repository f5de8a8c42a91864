package cgotorch

/*
#include "trampolines.h"
*/
import "C"

import "unsafe"

// StorageOf returns a handle to the tensor's storage; FreeStorage drops it.
func StorageOf(tensor Handle) (Handle, *Error) {
	var storage C.uint64_t
	err := takeError(C.ctorch_tensor_storage(C.uint64_t(tensor), &storage))
	return Handle(storage), err
}

// FreeStorage drops a reference.
func FreeStorage(storage Handle) { C.ctorch_storage_free(C.uint64_t(storage)) }

// StorageWatch is a reference to a storage that does not keep its memory.
type StorageWatch uint64

// WatchStorage returns a reference to the tensor's storage, and its size in bytes.
func WatchStorage(tensor Handle) (watch StorageWatch, bytes int, err *Error) {
	var number C.uint64_t
	var size C.int64_t
	err = takeError(C.ctorch_storage_watch(C.uint64_t(tensor), &number, &size))
	return StorageWatch(number), int(size), err
}

// Gone reports whether the storage's memory was freed.
func (w StorageWatch) Gone() bool { return bool(C.ctorch_storage_gone(C.uint64_t(w))) }

// Free drops the reference.
func (w StorageWatch) Free() { C.ctorch_storage_unwatch(C.uint64_t(w)) }

// StoragePart returns a handle to a storage of its own that is a part of a CPU
// storage's memory, and keeps that alive. Of a mapped file the part's pages leave memory
// with it; changes to them are lost then.
func StoragePart(storage Handle, offset, bytes int, mapped bool) (Handle, *Error) {
	var part C.uint64_t
	err := takeError(C.ctorch_storage_part(C.uint64_t(storage), C.int64_t(offset), C.int64_t(bytes), C.bool(mapped), &part))
	return Handle(part), err
}

// UnloadStorage lets the memory of a storage that is a part of a mapped file go, until it
// is read again. What was changed in it stays.
func UnloadStorage(storage Handle) { C.ctorch_storage_unload(C.uint64_t(storage)) }

// StorageData returns a CPU storage's memory, which is there until the last reference to
// the storage is dropped; nil for other devices.
func StorageData(storage Handle) []byte {
	var bytes C.int64_t
	data := C.ctorch_storage_data(C.uint64_t(storage), &bytes)
	if data == nil {
		return nil
	}
	return unsafe.Slice((*byte)(data), int(bytes))
}
