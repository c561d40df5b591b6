// Paths, and the trees of paths that imports are.

#include "rune/parser/parser_core.hpp"

namespace rb::rune {

namespace {

// What a path may hold beside identifiers.
bool is_path_keyword(TokenKind kind) {
    return kind == TokenKind::kw_self || kind == TokenKind::kw_super ||
           kind == TokenKind::kw_crate || kind == TokenKind::kw_Self;
}

}  // namespace

Path* Parser::path(bool in_expression) {
    auto* result = arena_.make<Path>();
    const std::uint32_t start = peek().start;
    result->global = eat(TokenKind::colon_colon);
    std::vector<PathSegment> segments;
    do {
        const Token token = next();
        if (token.kind != TokenKind::identifier && !is_path_keyword(token.kind)) {
            fail_at(span(token), DiagnosticClass::syntax,
                    "expected a name in this path, found " + shown(token));
        }
        PathSegment segment{text(token), span(token), {}};
        const bool turbofish = at(TokenKind::colon_colon) && peek(1).kind == TokenKind::lt;
        if (turbofish) next();
        if (turbofish || (!in_expression && at(TokenKind::lt))) segment.generics = generics();
        segments.push_back(segment);
    } while (eat(TokenKind::colon_colon));
    result->segments = arena_.copy(segments);
    result->span = span_from(start);
    return result;
}

std::span<Path*> Parser::generics() {
    const DepthGuard guard(*this);
    expect(TokenKind::lt, "before the type argument");
    std::vector<Path*> list;
    while (!at(TokenKind::gt) && !at(TokenKind::end)) {
        list.push_back(path(false));
        if (!eat(TokenKind::comma)) break;
    }
    expect(TokenKind::gt, "after the type argument");
    return arena_.copy(list);
}

Item* Parser::use_item() {
    next();
    auto* result = arena_.make<UseItem>();
    result->kind = ItemKind::use;
    std::vector<UseLeaf> leaves;
    const bool global = eat(TokenKind::colon_colon);
    use_tree({}, global, leaves);
    result->name = {"use", {}};
    expect(TokenKind::semicolon, "after the import");
    result->leaves = arena_.copy(leaves);
    return result;
}

void Parser::use_tree(std::vector<PathSegment> prefix, bool global, std::vector<UseLeaf>& leaves) {
    const DepthGuard guard(*this);
    const auto path_of = [&] {
        auto* path = arena_.make<Path>();
        path->global = global;
        path->segments = arena_.copy(prefix);
        path->span = prefix.empty() ? span(peek()) : prefix.front().span;
        if (!prefix.empty()) path->span.end = prefix.back().span.end;
        return path;
    };
    while (true) {
        if (at(TokenKind::star)) {
            if (prefix.empty()) {
                fail_at(span(peek()), DiagnosticClass::syntax,
                        "expected a module before `*` in this import");
            }
            leaves.push_back({path_of(), name(next()), true});
            return;
        }
        if (eat(TokenKind::open_brace)) {
            while (!at(TokenKind::close_brace) && !at(TokenKind::end)) {
                use_tree(prefix, global, leaves);
                if (!eat(TokenKind::comma)) break;
            }
            expect(TokenKind::close_brace, "after the group");
            return;
        }
        const Token token = next();
        if (token.kind != TokenKind::identifier && !is_path_keyword(token.kind)) {
            fail_at(span(token), DiagnosticClass::syntax,
                    "expected a name, `*` or `{` in this import, found " + shown(token));
        }
        // `use a::{self}` imports `a`.
        const bool names_prefix = token.kind == TokenKind::kw_self && !prefix.empty();
        const bool climbs =
            token.kind == TokenKind::kw_super &&
            (prefix.empty() || prefix.back().text == "super" || prefix.back().text == "self");
        if (is_path_keyword(token.kind) && !prefix.empty() && !names_prefix && !climbs) {
            fail_at(span(token), DiagnosticClass::syntax,
                    std::string(describe(token.kind)) + " may only stand at the start of a path");
        }
        if (!names_prefix) prefix.push_back({text(token), span(token), {}});
        if (!names_prefix && eat(TokenKind::colon_colon)) continue;
        Name alias = {prefix.back().text, prefix.back().span};
        if (eat(TokenKind::kw_as)) {
            if (at(TokenKind::underscore)) {
                next();
                alias.text = {};
            } else {
                alias = name(expect(TokenKind::identifier, "after `as`"));
            }
        }
        leaves.push_back({path_of(), alias, false});
        return;
    }
}

}  // namespace rb::rune
