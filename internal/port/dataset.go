package port

import (
	"fmt"
	"go/types"
	"strconv"
)

// Datasets and transforms of torchvision. Go's images are what ToTensor makes of them, so a
// transform is a choice of a dataset, and no value.

func addDatasets() {
	for _, name := range []string{"MNIST", "FashionMNIST", "KMNIST", "CIFAR10", "CIFAR100"} {
		specials["torchvision.datasets."+name] = func(w *writer, n *node) value { return w.images(n, name) }
	}
}

// isTransform reports whether an expression makes a transform of torchvision's.
func (w *writer) isTransform(n *node) bool {
	if n.Kind != "Call" {
		return false
	}
	path := w.path(n.Func)
	return path != "" && path[:lastDot(path)+1] == "torchvision.transforms."
}

// namesTransform keeps a transform that a name is given to, and reports whether there is one.
func (w *writer) namesTransform(n *node) bool {
	if len(n.Targets) != 1 || n.Targets[0].Kind != "Name" || !w.isTransform(n.Value) {
		return false
	}
	x := w.fn.scope(n.Targets[0].Name)
	if x == nil {
		return false
	}
	x.transform, x.left = n.Value, true
	w.normalization(n.Value)
	return true
}

// normalization returns the mean and the deviation of what a transform does behind ToTensor,
// or "" where it does nothing.
func (w *writer) normalization(n *node) (mean, deviation string) {
	if x := w.fn.scope(n.Name); n.Kind == "Name" && x != nil && x.transform != nil {
		n = x.transform
	}
	if !w.isTransform(n) {
		fail(n, "a transform that is not known")
	}
	steps := []*node{n}
	if n.Func.Name == "Compose" {
		steps = only(n).Elts
	}
	for i, step := range steps {
		switch name := step.Func; {
		case i == 0 && step.Kind == "Call" && w.isTransform(step) && name.Name == "ToTensor":
		case i == 1 && step.Kind == "Call" && w.isTransform(step) && name.Name == "Normalize":
			bound := w.bind(step, required("mean", "std"))
			floats := types.NewSlice(floatType)
			mean, deviation = w.argument(bound[0].node, floats), w.argument(bound[1].node, floats)
		default:
			fail(step, "a transform other than ToTensor and Normalize: package transforms has it for batches")
		}
	}
	if len(steps) == 0 {
		fail(n, "images that no ToTensor makes tensors of")
	}
	return mean, deviation
}

// images translates a dataset of torchvision's.
func (w *writer) images(n *node, name string) value {
	bound := w.bind(n, append(required("root"), keywords("train", "transform", "target_transform", "download")...))
	root, train, transform, target, download := bound[0], bound[1], bound[2], bound[3], bound[4]
	if transform.node == nil || target.node != nil {
		fail(n, "images that are no tensors")
	}
	var fields string
	if train.node != nil && train.node.Constant != "True" {
		fields += ", Train: new(" + w.coerce(w.expression(train.node), boolType) + ")"
	}
	if root.node != nil && name[len(name)-5:] == "MNIST" {
		fields += ", Root: " + joinPath(w, &node{Arguments: []*node{root.node, defaultNode("'"+name+"'", n.Line), defaultNode("'raw'", n.Line)}}).text
	} else if root.node != nil {
		w.report.note(w.source, n, "Go reads the binary version of the files, which it keeps in its cache")
	}
	if download.node != nil && download.node.Constant != "False" {
		fields += ", Download: " + w.coerce(w.expression(download.node), boolType)
	}
	text := "datasets.New" + name + "(context.Background()"
	if fields != "" {
		text += ", datasets.Options{" + fields[2:] + "}"
	}
	text += ")"
	mean, deviation := w.normalization(transform.node)
	images := types.NewPointer(w.named("torch/vision/datasets", "Images"))
	if mean == "" {
		return value{text: "must(" + text + ")", typ: images, node: n}
	}
	x := w.temporary("images")
	w.printf("%s := must(%s)", x, text)
	return value{text: fmt.Sprintf("data.NewTensorDataset(%s.Normalized(%s, %s), %[1]s.Targets)", x, mean, deviation),
		typ: types.NewPointer(w.named("torch/utils/data", "TensorDataset")), node: n}
}

// isSample reports whether a type is an image and its target.
func (w *writer) isSample(t types.Type) bool { return same(t, w.named("torch/utils/data", "Sample")) }

// sampleParts returns the image and the target of a sample: a number where it is an element
// of a dataset, and a tensor where it is a batch.
func sampleParts(w *writer, v value) []value {
	target := value{text: v.primary() + ".Target", typ: w.tensor, node: v.node, dtype: "int"}
	if v.node.Kind == "Subscript" {
		target.text, target.typ = target.text+".Int()", intType
	}
	return []value{{text: v.primary() + ".Data", typ: w.tensor, node: v.node}, target}
}

// datasetElement translates dataset[i], and sample[0].
func (w *writer) datasetElement(n *node, object value) (value, bool) {
	if w.isSample(object.typ) && n.Slice.Type == "int" {
		i, err := strconv.Atoi(n.Slice.Constant)
		if err != nil || i > 1 {
			fail(n, "an element of a sample")
		}
		return sampleParts(w, object)[i], true
	}
	at, ok := member(object.typ, "At").(*types.Func)
	if !ok || n.Slice.Kind == "Slice" || at.Signature().Params().Len() != 1 || at.Signature().Results().Len() != 2 || !same(at.Signature().Results().At(1).Type(), errorType) {
		return value{}, false
	}
	text := fmt.Sprintf("must(%s.At(%s))", object.primary(), w.coerce(w.expression(n.Slice), intType))
	return value{text: text, typ: at.Signature().Results().At(0).Type(), node: n}, true
}

// currentAccelerator translates torch.accelerator.current_accelerator.
func currentAccelerator(w *writer, n *node) value {
	return value{text: "currentAccelerator()", typ: w.device, node: n}
}
