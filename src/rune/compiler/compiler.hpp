// Compiler: from the tree to a Unit. Engine-internal; hosts call compile() (unit.hpp).
//
// Functions are compiled on demand: public ones, tests, functions of impls with `self`, and
// whatever those reach. A private function nobody refers to is never resolved.

#pragma once

#include "rune/bytecode/unit_data.hpp"
#include "rune/compiler/item_tree.hpp"
#include "rune/diagnostics.hpp"
#include "rune/limits.hpp"
#include "rune/syntax/arena.hpp"
#include "rune/syntax/ast.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace rb::rune {

// What the functions of one compilation share: the unit's tables, the items, the queue.
class Compiler {
public:
    Compiler(Unit& unit, ItemTree& tree, Arena& arena, DiagnosticSink& sink, bool optimise)
        : unit_(unit), tree_(tree), arena_(arena), sink_(sink), optimise_(optimise) {}

    // Compiles everything that must be, and what it reaches.
    void run();

    // The code of a function item; queues it for compilation.
    FunctionCode* function(ItemNode* node);
    FunctionCode* new_code();
    [[nodiscard]] std::uint32_t number_of(const FunctionCode* code) const;

    // The value of a constant; nothing after an error (which was reported).
    const ConstValue* constant(ItemNode* node, Span use);

    std::uint32_t string(std::string_view text);
    std::uint32_t inline_constant(Value value);
    // A constant, one number however often it is used. REQUIRES: `value` outlives the compiler.
    std::uint32_t const_value(const ConstValue& value);
    // A value that no item holds, for as long as the compiler lives.
    const ConstValue& keep(ConstValue value) { return kept_.emplace_back(std::move(value)); }
    std::uint32_t native(const NativeFunction* function);
    std::uint32_t site(std::string_view name, ItemHash hash);
    std::uint32_t key_list(const std::vector<std::string_view>& names);
    // The number of a shape of the context.
    std::uint32_t shape(const Shape* shape);

    [[nodiscard]] Unit& unit() { return unit_; }
    [[nodiscard]] ItemTree& tree() { return tree_; }
    [[nodiscard]] Arena& arena() { return arena_; }
    [[nodiscard]] DiagnosticSink& sink() { return sink_; }
    [[nodiscard]] std::int64_t& const_steps() { return const_steps_; }
    // Of the expressions being evaluated: constants that lead to each other share the native stack.
    [[nodiscard]] int& const_depth() { return const_depth_; }
    [[nodiscard]] bool optimise() const { return optimise_; }

private:
    const KeyObject* key(std::string_view text);

    Unit& unit_;
    ItemTree& tree_;
    Arena& arena_;
    DiagnosticSink& sink_;
    std::deque<ItemNode*> queue_;
    std::unordered_map<const FunctionCode*, std::uint32_t> numbers_;
    // By tag and bits.
    std::unordered_map<std::size_t, std::unordered_map<std::uint64_t, std::uint32_t>>
        inline_constants_;
    std::unordered_map<std::string, std::uint32_t> strings_;
    std::unordered_map<const ConstValue*, std::uint32_t> const_numbers_;
    std::deque<ConstValue> kept_;
    std::unordered_map<std::string, const KeyObject*> keys_;
    std::unordered_map<const NativeFunction*, std::uint32_t> natives_;
    std::unordered_map<const Shape*, std::uint32_t> native_shapes_;
    std::int64_t const_steps_ = 0;
    int const_depth_ = 0;
    bool optimise_;
};

// Compiles one function or closure.
class FunctionCompiler {
public:
    using Register = std::uint16_t;
    using Jumps = std::vector<std::size_t>;

    FunctionCompiler(Compiler& compiler, FunctionCode& code, ItemNode* scope, ItemNode* self_type,
                     FunctionCompiler* outer = nullptr);

    void compile(const FunctionBody& body, bool is_closure);
    // Names this closure took from the enclosing function, in capture order.
    [[nodiscard]] const std::vector<std::string_view>& captured() const { return captured_; }

private:
    struct Local {
        std::string_view name;
        Register reg;
        bool moved;
        // Of the name: a function may have tens of thousands of variables to look through.
        ItemHash hash;
    };
    // A loop or labelled block that `break` can leave.
    struct Target {
        ExprKind kind;
        std::string_view label;
        Register result;
        Jumps breaks = {};
        Jumps continues = {};
        // Of `for`: the iterator whose borrow ends when the loop is left.
        std::optional<Register> iterator = {};
    };

    // --- emitting
    std::size_t emit(Opcode op, std::size_t a, std::size_t b, std::size_t c, Span span);
    std::size_t emit_wide(Opcode op, std::size_t a, std::uint32_t wide, Span span);
    void emit_return(Opcode op, std::size_t a, Span span);
    void look_at_budget(Span span);
    std::size_t emit_jump(Opcode op, std::size_t a, Span span);
    void jump_back(std::size_t target, Span span);
    void patch(std::size_t jump);
    void patch(const Jumps& jumps);
    [[nodiscard]] std::size_t here() const { return code_.code.size(); }
    Register allocate(Span span);
    Register allocate_many(std::size_t count, Span span);
    void error(DiagnosticClass diagnostic_class, Span span, std::string message,
               std::string hint = {});
    static std::uint16_t narrow(std::size_t value) { return static_cast<std::uint16_t>(value); }

    // --- variables
    Local* find_local(std::string_view name);
    [[nodiscard]] bool can_see(std::string_view name) const;
    void bind(std::string_view name, Register reg);
    Register use_local(Local& local, Span span);
    std::vector<std::string> local_names() const;

    // --- expressions (by what they are: names, operators, assignment, output, control, calls)
    // Into exactly that register.
    void into(Expr* expr, Register target);
    // Into some register: a variable's own, or a new one.
    Register operand(Expr* expr);
    // As operand(), but safe when `later` assigns variables.
    Register operand_before(Expr* expr, const Expr* later);
    void discard(Expr* expr);
    void literal(const Literal& value, Register target, Span span);
    std::optional<Literal> fold(const Expr* expr) const;
    void path(PathExpr* expr, Register target);
    void entity_value(const Entity& entity, const Path& path, Register target, Span span);
    void shape_value(const Shape& shape, const Entity& entity, Register target, Span span);
    void constant_value(const ConstValue& value, Register target, Span span);
    void list(ListExpr* expr, Opcode op, Register target);
    void object(FieldsExpr* expr, Register target);
    void structure(FieldsExpr* expr, Register target);
    void short_field(const FieldInit& field, Register target);
    void unary(UnaryExpr* expr, Register target);
    void binary(BinaryExpr* expr, Register target);
    bool binary_with_constant(BinaryExpr* expr, Register target);
    void logic(LogicExpr* expr, Register target);
    void type_test(TypeExpr* expr, Register target);
    void conversion(TypeExpr* expr, Register target);
    std::optional<ItemHash> type_of_path(const Path& path);
    // The struct or variant an entity names, of the sources or of the context; null for others.
    static const Shape* shape_of(const Entity& entity);
    std::uint32_t shape_number(const Entity& entity);
    void range(RangeExpr* expr, Register target);
    void field(FieldExpr* expr, Register target);
    void index(IndexExpr* expr, Register target);
    // Without a target the `()` is not wanted.
    void assign(AssignExpr* expr, std::optional<Register> target);
    void assign_path(PathExpr* place, Expr* value, Span span);
    void compound(BinaryExpr* expr, std::optional<Register> target);
    void compound_path(BinaryExpr* expr, const PathExpr& place);
    const ItemNode* static_of(const PathExpr& place);
    // Field, or number, of the object in a register.
    void get_member(const FieldExpr& field, Register object, Register target, Span span);
    void set_member(const FieldExpr& field, Register object, Register value, Span span);
    void try_operator(UnaryExpr* expr, Register target);
    void format(FormatExpr* expr, Register target);
    void print(PrintExpr* expr, Register target);
    void assert_true(AssertExpr* expr, Register target);
    void assert_equal(AssertEqExpr* expr, Register target);
    void panic_with(const std::string& text, Span span);

    void call(CallExpr* expr, Register target);
    bool call_entity(CallExpr* expr, const Entity& entity, const Path& path, Register target);
    bool call_shape(CallExpr* expr, const Entity& entity, Register target);
    void method_call(MethodCallExpr* expr, Register target);
    Register arguments(std::span<Expr*> list, Span span);
    void arguments_into(Register first, std::span<Expr*> list);
    Register call_registers(std::size_t count, Register target, Span span);
    void call_result(Register target, Register first, Span span);
    const NativeFunction* native_function(const Entity& entity, const Path& path);

    void closure(ClosureExpr* expr, Register target);
    void await(Expr* future, Register target, Span span);
    void select(SelectExpr* expr, Register target);

    void block(Block* block, Register target, bool wanted);
    void statements(Block* block);
    void block_expression(BlockExpr* expr, Register target, bool wanted);
    void if_expression(IfExpr* expr, Register target, bool wanted);
    void match(MatchExpr* expr, Register target, bool wanted);
    void loop(LoopExpr* expr, Register target);
    void for_loop(LoopExpr* expr, Register target);
    bool range_loop(LoopExpr* expr, Target& loop);
    void loop_body(LoopExpr* expr);
    void break_or_continue(JumpExpr* expr);
    Target* find_target(const JumpExpr* expr, bool is_continue);
    void end_iterations(std::size_t down_to, Span span);
    void return_expression(UnaryExpr* expr);
    void yield(UnaryExpr* expr, Register target);
    // Adds the jumps taken when the condition is false.
    void branch_unless(Expr* condition, Jumps& jumps);
    bool branch_on_comparison(BinaryExpr* expr, Jumps& jumps);

    // --- patterns (patterns)
    // Tests R[reg] and binds; adds the jumps taken when it does not match.
    void pattern(Pattern* pattern, Register reg, Jumps& fails, bool owns_register);
    void path_pattern(PathPattern* pattern, Register reg, Jumps& fails, bool owns_register);
    bool entity_pattern(const Entity& entity, const Path& path, Register reg, Jumps& fails);
    void literal_pattern(LiteralPattern* pattern, Register reg, Jumps& fails);
    void const_pattern(const ConstValue& value, Register reg, Jumps& fails, Span span);
    void list_pattern(ListPattern* pattern, Register reg, Jumps& fails);
    void tuple_struct_pattern(ListPattern* pattern, Register reg, Jumps& fails);
    void object_pattern(FieldsPattern* pattern, Register reg, Jumps& fails);
    void struct_pattern(FieldsPattern* pattern, Register reg, Jumps& fails);
    // False when the path names no range type, of which nothing is then emitted.
    bool range_pattern(FieldsPattern* pattern, Register reg, Jumps& fails);
    void item_patterns(std::span<Pattern*> items, Register reg, Jumps& fails, Span span);
    void test(Opcode op, std::size_t a, std::size_t b, std::size_t c, Jumps& fails, Span span);
    // For patterns that must match.
    void demand(Pattern* pattern, Register reg, bool owns_register);

    friend class ScopeGuard;

    Compiler& compiler_;
    FunctionCode& code_;
    ItemNode* scope_;
    ItemNode* self_type_;
    FunctionCompiler* outer_;
    std::vector<Local> locals_;
    std::vector<Target> targets_;
    std::size_t next_register_ = 0;
    // Where the next look at the budget is due.
    std::size_t next_look_ = straight_run_max;
    // Of a closure: names it may take, the registers kept for them, and those taken.
    std::vector<std::string_view> capturable_;
    std::vector<std::string_view> captured_;
    std::deque<Local> captured_locals_;
    // What is matched by the pattern being compiled, for the errors of its tests.
    std::optional<Span> matched_span_ = {};
    bool is_async_ = false;
    bool overflowed_ = false;
};

}  // namespace rb::rune
