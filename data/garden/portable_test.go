package garden

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"strings"
	"testing"
)

// TestProductsAreRounded reads the package's own source: every product of floats must be written float64(a*b), since Go
// may otherwise fuse it with a sum on some platforms and change a picture, and package math may only give functions that
// are exactly rounded everywhere.
func TestProductsAreRounded(t *testing.T) {
	fset := token.NewFileSet()
	var files []*ast.File
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || name == "flush_other.go" {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.Default(), Error: func(error) {}} // other packages don't matter
	_, _ = config.Check("garden", fset, files, info)

	isFloat := func(e ast.Expr) bool {
		basic, ok := info.Types[e].Type.Underlying().(*types.Basic)
		return ok && basic.Info()&types.IsFloat != 0 && info.Types[e].Value == nil
	}
	exact := map[string]bool{"Sqrt": true, "Floor": true, "Pi": true, "Ln2": true}
	rounded := map[ast.Expr]bool{}
	products := 0
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "float64" && len(n.Args) == 1 {
					rounded[n.Args[0]] = true
				}
			case *ast.BinaryExpr:
				if n.Op == token.MUL && info.Types[n].Type != nil && isFloat(n) {
					products++
					if !rounded[n] {
						t.Errorf("%s: a product of floats that isn't float64(a*b) or mul(a, b)", fset.Position(n.Pos()))
					}
				}
			case *ast.AssignStmt:
				if n.Tok == token.MUL_ASSIGN && isFloat(n.Lhs[0]) {
					t.Errorf("%s: *= on floats: write x = mul(x, y)", fset.Position(n.Pos()))
				}
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "math" && !exact[n.Sel.Name] {
					t.Errorf("%s: math.%s may differ between platforms", fset.Position(n.Pos()), n.Sel.Name)
				}
			}
			return true
		})
	}
	if products < 2 {
		t.Errorf("found %d products of floats: the check sees nothing", products)
	}
}
