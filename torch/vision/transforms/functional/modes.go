package functional

// Interpolation says how values between pixels are found.
type Interpolation string

// The interpolations of images.
const (
	Nearest      Interpolation = "nearest"       // the nearest pixel
	NearestExact Interpolation = "nearest-exact" // the nearest pixel, as Pillow finds it
	Bilinear     Interpolation = "bilinear"      // between the nearest pixels, in proportion
	Bicubic      Interpolation = "bicubic"       // by cubic polynomials
)

// PaddingMode says what lies beyond the edges of an image.
type PaddingMode string

// The padding modes of images.
const (
	PaddingConstant  PaddingMode = "constant"  // one value
	PaddingEdge      PaddingMode = "edge"      // the pixel at the edge
	PaddingReflect   PaddingMode = "reflect"   // the image in reverse, without the pixels at the edge
	PaddingSymmetric PaddingMode = "symmetric" // the image in reverse
)
