// Parser: from tokens to the tree, by recursive descent, with precedence climbing for operators.
//
// A syntax error is reported and thrown as SyntaxError to the nearest list (statements, items),
// which skips to a place where the next element may begin, so that one run finds several errors.
// The bodies stand in the files of this folder, by what they parse.

#pragma once

#include "rune/diagnostics.hpp"
#include "rune/macro.hpp"
#include "rune/parser/key_set.hpp"
#include "rune/syntax/arena.hpp"
#include "rune/syntax/ast.hpp"
#include "rune/syntax/items.hpp"
#include "rune/syntax/lexer.hpp"
#include "rune/syntax/literals.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rb::rune {

class Context;

class Parser {
public:
    // Where macros of the host come from and their results go; without a context there are none.
    // `sources` has room for the results, so that references to it stay.
    struct MacroHost {
        const Context* context = nullptr;
        std::vector<Source>* sources = nullptr;
    };

    Parser(const Source& source, std::uint32_t number, Arena& arena, DiagnosticSink& sink,
           const MacroHost& macros);
    Parser(const Source& source, std::uint32_t number, Arena& arena, DiagnosticSink& sink)
        : Parser(source, number, arena, sink, MacroHost()) {}

    // REQUIRES: called once.
    ParsedSource parse(bool script_mode);

private:
    struct SyntaxError {};
    class DepthGuard;

    // What the function being parsed collects.
    struct FunctionFrame {
        bool has_yield = false;
        bool has_await = false;
        bool is_const = false;
        bool has_late_format = false;
        std::vector<Block*> item_blocks = {};
    };
    // An attribute that a macro of the host answers to.
    struct AttributeMacro {
        const Macro* macro = nullptr;
        std::string_view name = {};
        TokenStream tokens = {};
        Span span = {};
        // Its `#`.
        std::size_t from = 0;
    };
    struct Attributes {
        bool test = false;
        bool bench = false;
        Span span = {};
        std::optional<AttributeMacro> macro = {};
    };
    // What a `use` makes of a name, for macros: they are found before items are.
    struct MacroImport {
        std::string_view name;
        std::string path;
        bool glob;
        // The tokens of the group around it, and the first one of its module.
        std::size_t from;
        std::size_t module_from;
        std::size_t until = 0;
    };
    class SourceSwitch;
    enum class StructLiterals : std::uint8_t { allowed, forbidden };
    enum class Recovery : std::uint8_t { statement, item };

    // --- tokens
    [[nodiscard]] const Token& peek(std::size_t ahead = 0) const;
    [[nodiscard]] bool at(TokenKind kind) const { return peek().kind == kind; }
    Token next();
    bool eat(TokenKind kind);
    Token expect(TokenKind kind, std::string_view where);
    [[nodiscard]] std::string_view text(const Token& token) const;
    [[nodiscard]] Span span(const Token& token) const;
    [[nodiscard]] Span span_from(std::uint32_t start) const;
    [[nodiscard]] Name name(const Token& token) const { return {text(token), span(token)}; }
    [[noreturn]] void fail(std::string message, std::string hint = {});
    [[noreturn]] void fail_at(Span span, DiagnosticClass diagnostic_class, std::string message,
                              std::string hint = {});
    void report(Span span, DiagnosticClass diagnostic_class, std::string message,
                std::string hint = {});

    // --- recovery
    [[nodiscard]] std::string foreign_hint(std::size_t wrong) const;
    [[nodiscard]] std::string reserved_hint(std::size_t wrong) const;
    // How a message names a token: short ones by their text.
    [[nodiscard]] std::string shown(const Token& token) const;
    void missing_semicolon(std::string_view what);
    void skip_group();
    void leave_groups(std::size_t from);
    void poison(std::size_t from);
    void recover(std::size_t from, Recovery where);
    void skip_to_statement();
    void skip_to_item();

    // --- items
    std::span<Item*> items_until(TokenKind close);
    [[nodiscard]] bool starts_item() const;
    Item* item(bool in_impl);
    Attributes attributes(bool on_item = false);
    void attribute(Attributes& found, bool on_item);
    VisibilityKind visibility();
    FunctionItem* function_item(bool in_impl, const Attributes& found);
    FunctionBody* function_body(FunctionFrame& frame, bool is_async, bool in_impl, bool& has_self);
    std::vector<Pattern*> parameters(bool in_impl, bool& has_self);
    void reject_type_annotation();
    Item* declaration(TokenKind kind);
    // Behind the keyword, up to and with the name.
    template <typename T>
    T* named_item(ItemKind kind, std::string_view role);
    Item* struct_item();
    ShapeDeclaration shape(Name name);
    Item* enum_item();
    Item* impl_item();
    Item* const_item();
    Item* static_item();
    Item* module_item();
    Item* use_item();
    void use_tree(std::vector<PathSegment> prefix, bool global, std::vector<UseLeaf>& leaves);

    // --- statements
    Block* block();
    Block* open_block();
    void close_block(Block* block, std::vector<Statement>& statements, std::vector<Item*>& items);
    void statements(Block* block, TokenKind close);
    void statement(Block* block, std::vector<Statement>& statements, std::vector<Item*>& items,
                   TokenKind close);
    void let_statement(std::vector<Statement>& statements);
    void expression_statement(Block* block, std::vector<Statement>& statements, TokenKind close);
    [[nodiscard]] bool starts_block_like() const;

    // --- expressions
    Expr* expression(StructLiterals structs = StructLiterals::allowed);
    Expr* binary(int min_level, StructLiterals structs);
    Expr* binary_rest(Expr* left, int min_level, StructLiterals structs);
    Expr* unary(StructLiterals structs);
    Expr* negative_number();
    Expr* postfix(Expr* base, StructLiterals structs, bool may_call);
    Expr* dot(Expr* base);
    Expr* primary(StructLiterals structs);
    Expr* path_expression(StructLiterals structs);
    Expr* block_like();
    Expr* parenthesised();
    Expr* object_literal();
    std::span<FieldInit> field_inits();
    Expr* template_literal();
    Expr* literal_expression(const Token& token);
    Expr* if_expression();
    Expr* condition();
    Expr* match_expression();
    Expr* select_expression();
    Expr* loop_expression(Name label);
    Expr* labelled();
    Expr* closure();
    Expr* async_expression();
    template <typename Parse>
    void closure_body(FunctionBody& body, Parse parse);
    Expr* const_block();
    Expr* jump(ExprKind kind);
    Expr* range_end(std::uint32_t start, Expr* left, StructLiterals structs);
    [[nodiscard]] bool starts_expression(StructLiterals structs) const;
    std::vector<Expr*> arguments(TokenKind close);
    bool arm_separator(const Expr* body, TokenKind close);
    Path* path(bool in_expression);
    std::span<Path*> generics();
    Literal literal(const Token& token, bool negative);
    std::string_view unescaped(const Token& token, std::uint32_t prefix, std::uint32_t suffix,
                               EscapeMode mode);
    template <typename T>
    T* make(ExprKind kind, std::uint32_t start);
    // Ends a node: sets its span.
    template <typename T>
    T* finish(T* expr);

    // --- patterns
    Pattern* pattern();
    Pattern* path_pattern();
    Pattern* literal_pattern();
    void pattern_list(TokenKind close, std::vector<Pattern*>& items, bool& rest);
    void pattern_fields(std::vector<FieldPattern>& fields, bool& rest);
    // The key of a field, quoted or not; whether a value must follow. Eats the colon.
    bool field_key(Name& key);
    void refuse_duplicate(KeySet& seen, const Name& key);
    bool rest_pattern(TokenKind close);
    void refuse_alternatives();
    void refuse_bindings_and_ranges();

    // --- macros
    Expr* macro(Path* path);
    FormatExpr* format_arguments(TokenKind close, Span where);
    std::optional<std::string> constant_text(const Expr* expr) const;
    Expr* assert_macro(std::uint32_t start, TokenKind close);
    Expr* assert_eq_macro(std::uint32_t start, TokenKind close, bool equal);
    Expr* string_expression(std::uint32_t start, std::string text);
    [[nodiscard]] std::string tokens_text(std::size_t from, std::size_t to) const;
    Expr* builtin_macro(std::string_view word, std::uint32_t start, TokenKind close,
                        const Path& path);
    void missing_macro(const Path& path);
    // Where a span stands in what the author wrote.
    [[nodiscard]] Span located(Span where) const;

    // --- macros of the host (parser_expansion)
    const std::vector<MacroImport>& macro_imports();
    void read_macro_import(std::size_t use, std::size_t from, std::size_t module);
    std::vector<std::string> macro_paths(const Path& path);
    const Macro* host_macro(const Path& path, MacroSort sort);
    bool attribute_macro(Attributes& found, std::size_t from);
    std::uint32_t run_macro(const Macro& macro, MacroCall& call);
    Expr* expand(const Macro& macro, const Path& path);
    Item* expand_attribute(const AttributeMacro& found, std::size_t first, bool in_impl);
    void skip_item();
    std::string_view shown_path(const Path& path);

    const Source* source_;
    std::uint32_t number_;
    Arena& arena_;
    DiagnosticSink& sink_;
    const Context* context_;
    std::vector<Source>* sources_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    int depth_ = 0;
    // Height of the tallest expression completed inside the one being parsed.
    int tallest_ = 0;
    // Assignments seen so far; a node during which it grew `assigns`.
    std::uint32_t assignments_ = 0;
    bool unclosed_ = false;
    FunctionFrame* frame_ = nullptr;
    Block* block_ = nullptr;
    std::vector<std::string_view> referenced_;
    // While a look ahead may fail without a word.
    bool muted_ = false;
    // Results of macros inside each other; where the outermost call stands.
    int expansion_depth_ = 0;
    std::size_t expansion_at_ = 0;
    std::size_t expansion_bytes_ = 0;
    bool imports_read_ = false;
    std::vector<MacroImport> macro_imports_;
    // First and last token of the modules with a body.
    std::vector<std::pair<std::size_t, std::size_t>> module_groups_;
};

}  // namespace rb::rune
