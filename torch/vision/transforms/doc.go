// Package transforms is torchvision's transforms: what is done to images before a
// network sees them, in training and in use.
//
//	train := transforms.NewCompose(
//		transforms.NewRandomResizedCrop(224),
//		transforms.NewRandomHorizontalFlip(),
//		transforms.NewColorJitter(transforms.ColorJitterOptions{Brightness: 0.4, Saturation: 0.4}),
//		transforms.NewToTensor(),
//		transforms.NewNormalize([]float64{0.485, 0.456, 0.406}, []float64{0.229, 0.224, 0.225}),
//	)
//	img, _, err := image.Decode(file)
//	x := train.Image(img) // 3 × 224 × 224
//
// A transform works on tensors, channels × height × width, or batches of such;
// [Compose.Image] makes one of an image.Image first, with elements of Uint8. Package
// functional has the same as functions, and says more of images.
//
// # Random numbers
//
// Transforms draw from libtorch's default generator of the CPU, in the order that
// torchvision does, so after torch.ManualSeed they do the same as there. A batch is
// transformed as one. RandomChoice and RandomOrder, for which torchvision uses Python's
// own generator, draw as those of transforms.v2 do.
//
// # Values
//
// They are torchvision's for tensors, to the bit where the same kernels run. Its
// transforms of PIL images give others: Pillow resizes and rotates in its own way.
//
// https://docs.pytorch.org/vision/stable/transforms.html
package transforms
