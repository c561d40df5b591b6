// The syntax tree below items: paths, expressions, statements and patterns. Nodes live in the Arena
// of their compilation, are trivially destructible and refer to the source text by view, so sources
// must outlive them.

#pragma once

#include "rune/diagnostics.hpp"
#include "rune/syntax/lexer.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace rb::rune {

struct Expr;
struct Pattern;
struct Item;
struct Block;
struct ItemNode;

struct Name {
    std::string_view text;
    Span span;
};

// --- paths ---------------------------------------------------------------------------------------

struct Path;

struct PathSegment {
    // `self`, `super`, `crate` and `Self` are segments of that text.
    std::string_view text;
    Span span;
    // Turbofish arguments.
    std::span<Path*> generics;
};

struct Path {
    Span span;
    // A leading `::`.
    bool global = false;
    std::span<PathSegment> segments;

    [[nodiscard]] bool is_single() const {
        return !global && segments.size() == 1 && segments[0].generics.empty();
    }
};

// --- expressions ---------------------------------------------------------------------------------

enum class ExprKind : std::uint8_t {
    error,
    literal,
    format,
    path,
    tuple,
    vec,
    object,
    structure,
    call,
    method_call,
    field,
    index,
    await,
    try_,
    unary,
    binary,
    logic,
    is,
    as,
    range,
    assign,
    compound,
    group,
    block,
    if_,
    let,
    match,
    loop,
    while_,
    for_,
    select,
    closure,
    return_,
    break_,
    continue_,
    yield,
    print,
    panic,
    assert_,
    assert_eq,
    dbg,
};

enum class BinaryOp : std::uint8_t {
    add,
    sub,
    mul,
    div,
    rem,
    shl,
    shr,
    bit_and,
    bit_xor,
    bit_or,
    eq,
    ne,
    lt,
    gt,
    le,
    ge,
};

std::string_view text_of(BinaryOp op);

struct Expr {
    ExprKind kind;
    // Somewhere inside a local may be assigned, so operands evaluated before must be copied.
    bool assigns = false;
    // Levels of nodes below, at most expression_height_max.
    std::uint16_t height = 0;
    Span span;
};

enum class LiteralKind : std::uint8_t {
    boolean,
    integer,
    unsigned_integer,
    floating,
    character,
    string,
    bytes,
};

struct Literal {
    LiteralKind kind = LiteralKind::boolean;
    union {
        bool boolean;
        std::int64_t integer;
        std::uint64_t unsigned_integer = 0;
        double floating;
        char32_t character;
    };
    std::string_view text;
};

struct LiteralExpr : Expr {
    Literal value;
};

// `[[fill]align][sign]['#']['0'][width]['.' precision][type]`.
struct FormatSpec {
    char32_t fill = ' ';
    char align = '<';
    bool plus = false;
    bool zero = false;
    std::int32_t width = -1;
    std::int32_t precision = -1;
    // '\0' DISPLAY, '?' DEBUG, 'x', 'X', 'b', 'p'.
    char type = '\0';

    [[nodiscard]] bool is_plain() const {
        return type == '\0' && width < 0 && precision < 0 && !plus && !zero;
    }
};

struct FormatPart {
    // Text when `argument` is negative.
    std::string_view text;
    std::int32_t argument = -1;
    FormatSpec spec;
};

// A template or format!: a new string. Each argument is evaluated once.
struct FormatExpr : Expr {
    std::span<FormatPart> parts;
    std::span<Expr*> arguments;
    // Of the last of the arguments that were written.
    std::span<Name> names;
    // A format string that only the compiler can evaluate, because it refers to items: the parts
    // are planned then.
    Expr* text;
    bool is_being_planned;
};

struct PathExpr : Expr {
    Path* path;
};

// tuple, vec
struct ListExpr : Expr {
    std::span<Expr*> items;
};

struct FieldInit {
    Name key;
    // Null in the short form, which names a variable.
    Expr* value;
};

// object; structure with `path`
struct FieldsExpr : Expr {
    Path* path;
    std::span<FieldInit> fields;
};

struct CallExpr : Expr {
    Expr* callee;
    std::span<Expr*> arguments;
};

struct MethodCallExpr : Expr {
    Expr* receiver;
    Name method;
    std::span<Path*> generics;
    std::span<Expr*> arguments;
};

struct FieldExpr : Expr {
    Expr* object;
    Name field;
    // `.0`: the number; -1 for a named field.
    std::int64_t number;
};

struct IndexExpr : Expr {
    Expr* object;
    Expr* index;
};

// await, try_, unary, group, return_, yield; `operand` may be null for the last two
struct UnaryExpr : Expr {
    Expr* operand;
    // Of unary: '!' or '-'.
    char op;
};

// binary, compound (op=)
struct BinaryExpr : Expr {
    Expr* left;
    Expr* right;
    BinaryOp op;
};

// logic
struct LogicExpr : Expr {
    Expr* left;
    Expr* right;
    bool is_and;
};

// is, as
struct TypeExpr : Expr {
    Expr* operand;
    Path* type;
    bool negated;
};

struct RangeExpr : Expr {
    // Either may be null.
    Expr* start;
    Expr* end;
    bool inclusive;
};

struct AssignExpr : Expr {
    Expr* target;
    Expr* value;
};

struct BlockExpr : Expr {
    Block* block;
    // Empty without one.
    Name label;
    bool is_const;
};

// The condition `let P = e` of if and while.
struct LetExpr : Expr {
    Pattern* pattern;
    Expr* value;
};

struct IfExpr : Expr {
    Expr* condition;
    Block* then;
    // Null, a block or another if.
    Expr* otherwise;
};

struct MatchArm {
    Pattern* pattern;
    Expr* guard;
    Expr* body;
};

struct MatchExpr : Expr {
    Expr* value;
    std::span<MatchArm> arms;
};

// loop, while_ (condition), for_ (pattern, condition = the iterable)
struct LoopExpr : Expr {
    Name label;
    Pattern* pattern;
    Expr* condition;
    Block* body;
};

struct SelectArm {
    Pattern* pattern;
    Expr* future;
    Expr* body;
};

struct SelectExpr : Expr {
    std::span<SelectArm> arms;
    Expr* default_body;
};

struct FunctionBody {
    std::span<Pattern*> parameters;
    Expr* body;
    // Names that may refer to variables of enclosing functions.
    std::span<std::string_view> referenced;
    bool is_async = false;
    bool is_move = false;
    bool has_yield = false;
    bool has_await = false;
    // A format string may name any variable of the enclosing functions.
    bool has_late_format = false;
};

// A closure, or an async block when `is_block`.
struct ClosureExpr : Expr {
    FunctionBody* function;
    bool is_block;
};

struct JumpExpr : Expr {
    Name label;
    Expr* value;
};

// print, panic (message), dbg (items)
struct PrintExpr : Expr {
    FormatExpr* message;
    bool newline;
};

struct AssertExpr : Expr {
    Expr* condition;
    FormatExpr* message;
    std::string_view source;
};

struct AssertEqExpr : Expr {
    Expr* left;
    Expr* right;
    FormatExpr* message;
    bool equal;
};

// --- statements ----------------------------------------------------------------------------------

struct Statement {
    // Set for `let`.
    Pattern* pattern = nullptr;
    Expr* value = nullptr;
    Span span;
};

struct Block {
    Span span;
    std::span<Statement> statements;
    // Null when the block yields `()`.
    Expr* tail = nullptr;
    // Declared inside; visible in the whole block.
    std::span<Item*> items;
    Block* parent = nullptr;
    // Set by the indexer for blocks with items.
    ItemNode* scope = nullptr;
};

// --- patterns ------------------------------------------------------------------------------------

enum class PatternKind : std::uint8_t {
    error,
    ignore,
    path,
    literal,
    tuple,
    vec,
    object,
    path_tuple,
    path_object,
};

struct Pattern {
    PatternKind kind;
    Span span;
};

struct PathPattern : Pattern {
    Path* path;
};

struct LiteralPattern : Pattern {
    Literal value;
};

// tuple, vec, path_tuple
struct ListPattern : Pattern {
    Path* path;
    std::span<Pattern*> items;
    bool rest;
};

struct FieldPattern {
    Name key;
    // Null in the short form.
    Pattern* pattern;
};

// object, path_object
struct FieldsPattern : Pattern {
    Path* path;
    std::span<FieldPattern> fields;
    bool rest;
};

}  // namespace rb::rune
