// Package detection is torchvision's models.detection: networks that find things in
// images and say what they are.
//
//	net := detection.FasterRCNNResNet50FPN(detection.FasterRCNNOptions{NumClasses: new(2)})
//	losses, _ := net.Forward(images, targets)
//	losses.Sum().Backward()
//
//	net.Eval()
//	torch.NoGrad(func() { _, found = net.Forward(images, nil) })
//
// Images are 3 × height × width, from 0 to 1, of any sizes. Class 0 is the background.
// Parameters have torchvision's names and, for the same seed, its first values; losses
// and detections are torchvision's. There are no trained weights here: those of
// torchvision load into networks with [ops.FrozenBatchNorm2d], which
// FasterRCNNOptions.NormLayer chooses.
//
// It works without torchvision's library of operators, and faster with it; see package
// ops.
//
// https://docs.pytorch.org/vision/stable/models.html#object-detection-instance-segmentation-and-person-keypoint-detection
package detection
