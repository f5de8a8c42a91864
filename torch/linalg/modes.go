package linalg

// Triangle is the triangle of a symmetric or Hermitian matrix that is read.
type Triangle string

// The triangles.
const (
	TriangleLower Triangle = "L"
	TriangleUpper Triangle = "U"
)

// QRMode says what [QR] returns.
type QRMode string

// The modes of QR.
const (
	QRReduced  QRMode = "reduced"  // the first columns of Q, as many as x has
	QRComplete QRMode = "complete" // all columns of Q
	QRR        QRMode = "r"        // R only, and an empty Q
)

// LstsqDriver is LAPACK's function that [Lstsq] calls.
type LstsqDriver string

// The drivers of Lstsq. On CUDA there is LstsqGels only.
const (
	LstsqGels  LstsqDriver = "gels"  // by QR, for matrices of full rank
	LstsqGelsy LstsqDriver = "gelsy" // by QR with pivoting, for all
	LstsqGelsd LstsqDriver = "gelsd" // by SVD, divide and conquer
	LstsqGelss LstsqDriver = "gelss" // by SVD
)

// SVDDriver is cuSOLVER's method of [SVD]; there is none on the CPU.
type SVDDriver string

// The drivers of SVD.
const (
	SVDGesvd  SVDDriver = "gesvd"  // by QR
	SVDGesvdj SVDDriver = "gesvdj" // by Jacobi's method
	SVDGesvda SVDDriver = "gesvda" // approximately
)
