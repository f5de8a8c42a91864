package main

const linearAlgebraByHand = `linalg_norm linalg_norm.ord_str linalg_matrix_norm linalg_matrix_norm.str_ord linalg_cond linalg_cond.p_str
	linalg_pinv.atol_rtol_tensor linalg_pinv.atol_rtol_float linalg_matrix_rank.atol_rtol_tensor linalg_matrix_rank.atol_rtol_float`

// linearAlgebra are the operators of package linalg. Dimensions before the last
// two are batches, and broadcast where there are several arguments.
var linearAlgebra = []entry{
	{op: "linalg_cholesky", doc: "returns the lower triangle L of A = L · Lᴴ for a positive definite A, or the upper one if Upper is set. It panics with a LinAlgError for another A."},
	{op: "linalg_cholesky_ex", doc: "is Cholesky that returns an info (Int32), 0 for success, instead of panicking."},
	{op: "linalg_cross", doc: "returns the cross products along Dim, whose size is 3."},
	{op: "linalg_det", doc: "returns the determinants of square matrices."},
	{op: "linalg_slogdet", doc: "returns the signs of determinants and the logarithms of their absolute values."},
	{op: "linalg_diagonal", doc: "returns the diagonals of matrices, as a view."},
	{op: "linalg_eig", doc: "returns the eigenvalues and the eigenvectors, in columns, of square matrices; both complex."},
	{op: "linalg_eigh", doc: "returns the eigenvalues, real and rising, and the eigenvectors, in columns, of symmetric or Hermitian matrices, of which the triangle UPLO is read."},
	{op: "linalg_eigvals", doc: "returns the eigenvalues, complex, of square matrices."},
	{op: "linalg_eigvalsh", doc: "returns the eigenvalues, real and rising, of symmetric or Hermitian matrices."},
	{op: "linalg_householder_product", doc: "returns the first columns of a product of Householder's matrices."},
	{op: "linalg_inv", doc: "returns the inverses of square matrices. It panics with a LinAlgError if one has none."},
	{op: "linalg_inv_ex", doc: "is Inv that returns an info (Int32), 0 for success, instead of panicking."},
	{op: "linalg_ldl_factor", doc: "returns the LDL factorisation of symmetric or Hermitian matrices in LAPACK's form."},
	{op: "linalg_ldl_factor_ex", doc: "is LDLFactor that returns an info (Int32), 0 for success, instead of panicking."},
	{op: "linalg_ldl_solve", doc: "returns the solution of A·X = B from LDLFactor's results."},
	{op: "linalg_lstsq", doc: "returns the least-squares solution of A·X = b, the residuals, A's rank and its singular values; those that the driver does not give are empty."},
	{op: "linalg_lu", doc: "returns the LU decomposition A = p · l · u."},
	{op: "linalg_lu_factor", doc: "returns the LU decomposition in compact form, and the pivots."},
	{op: "linalg_lu_factor_ex", doc: "is LUFactor that returns an info (Int32), 0 for success, instead of panicking."},
	{op: "linalg_lu_solve", doc: "returns the solution of A·X = B from LUFactor's results."},
	{op: "linalg_matmul", doc: "returns matrix products, as torch.Matmul."},
	{op: "linalg_matrix_exp", doc: "returns the exponentials of square matrices."},
	{op: "linalg_matrix_power", doc: "returns square matrices to the n-th power; a negative n inverts them."},
	{op: "linalg_matrix_sqrth", doc: "returns the square roots of positive semi-definite matrices."},
	{op: "linalg_multi_dot", doc: "returns the product of matrices, multiplied in the cheapest order; the first and the last may be vectors.", variadic: true},
	{op: "linalg_polar", doc: "returns the polar decomposition A = u · h of a unitary and a positive semi-definite matrix."},
	{op: "linalg_qr", doc: "returns the QR decomposition; Mode is \"reduced\", \"complete\" or \"r\"."},
	{op: "linalg_solve", doc: "returns the solution of A·X = B, or of X·A = B if Left is false. It panics with a LinAlgError if A has no inverse."},
	{op: "linalg_solve_ex", doc: "is Solve that returns an info (Int32), 0 for success, instead of panicking."},
	{op: "linalg_solve_triangular", doc: "returns the solution of A·X = B for a triangular A, upper or lower."},
	{op: "linalg_svd", doc: "returns the singular value decomposition A = u · diag(s) · vh, s falling."},
	{op: "linalg_svdvals", doc: "returns the singular values, falling."},
	{op: "linalg_tensorinv", doc: "returns the inverse of the linear map that x is from its last dimensions to its first Ind."},
	{op: "linalg_tensorsolve", doc: "returns the solution X of the tensor product x · X = other."},
	{op: "linalg_vander", doc: "returns the Vandermonde matrices of x's last dimension: its powers in columns, rising."},
	{op: "linalg_vecdot", doc: "returns the inner products along Dim, the first conjugated."},
	{op: "linalg_vector_norm", doc: "returns the norms of order Ord of x as if flat, or along the dimensions Dim."},
}
