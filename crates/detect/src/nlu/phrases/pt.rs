//! Portuguese.

use super::Phrases;
use crate::nlu::cue::Cue;

pub(super) const PHRASES: Phrases = &[
    (Cue::Verify, "{verifique|verificar|confirme|confirmar|valide|validar|autentique|autenticar|revalidar|revalide|confirmacao de|comprovar}
        {informe|preencha|regularize|regularizar} {seus|sua|os|a|seu|o|agora}"),
    (Cue::Update, "{altere|alterar|trocar a senha|atualize|atualizar|atualizacao|renove|renovar|recadastre|recadastrar|recadastramento|recadastro|corrija|desbloqueio}
        {cadastrar|cadastre se|concluir o cadastro|complete seu cadastro|atualizacao cadastral}"),
    (Cue::SignIn, "{acesse|acessar|entre|entrar|faca login|efetue login|efetuar login|iniciar sessao|inicie sessao|fazer login}
        {login|acesso ao} {aqui|internet banking|app|aplicativo}"),
    (Cue::Restore, "{desbloqueie|desbloquear|reative|reativar|recupere|recuperar|restaure|restaurar|restabelecer|liberar|libere|proteger|proteja}
        {cancelar|cancele|conteste|contestar|nao reconheco} {a|esta|essa|este|o|compra|transacao|acesso|operacao}"),
    (Cue::Click, "{clique|clicando|clicar|toque} {aqui|no|em|abaixo|sobre|na}
        {link|botao} {abaixo|a seguir|seguinte}
        {acesse o link|atraves do link|pelo link|basta acessar|acesse agora|siga as orientacoes|siga as instrucoes|siga os passos|procedimento abaixo|atraves deste e mail|link seguro}
        {verificar|confirmar|atualizar|regularizar|resgatar|desbloquear|acessar|pagar|liberar|consultar|ativar} {agora|ja|hoje}"),
    (Cue::View, "{visualizar|visualize|abrir|abra|baixar|baixe|ver|consulte|consultar} {o|a|seu|sua|documento|processo|boleto|fatura|comprovante|anexo|nota|mensagem|arquivo|detalhes|intimacao}
        {em anexo|segue anexo|no anexo|arquivo em anexo}"),
    (Cue::Claim, "{resgate|resgatar|resgata los|resgate ja|receba|receber|troque|trocar|solicite|solicitar|sacar|saque|utilizar seus}"),
    (Cue::Call, "{ligue|ligar|entre em contato|entrar em contato|telefone|contate} {para|com|no|agora|imediatamente|nosso|pelo|nossa}
        {central de atendimento|fale conosco}"),
    (Cue::Answer, "{responda|responder|aguardo|aguardando} {a|este|sua|seu|para|por|me|com|retorno|resposta|este}
        {entre em contato comigo|contacte me|me responda}"),
    (Cue::Send, "{envie|enviar|encaminhe|mande|forneca|informe} {me|seu|seus|sua|suas|nos|os|o}"),
    (Cue::Pay, "{pague|pagar|pagamento|quite|efetue o pagamento|efetuar o pagamento|realizar o pagamento}"),
    (Cue::Your, "{sua|seu|seus|suas|tua|teu|vossa}"),
    (Cue::Account, "{conta|contas|conta corrente|cartao|cartoes|cadastro|assinatura|internet banking|token|app|aplicativo|perfil|carteira|cnh|cpf|acesso a|chave pix|pix|livelo}"),
    (Cue::Mailbox, "{caixa de correio|caixa postal|caixa de entrada|webmail|conta de email|conta de e mail}"),
    (Cue::Secret, "{senha|senhas|codigo de seguranca|chave de seguranca|codigo de acesso|frase de recuperacao|frase secreta|credenciais|numero do cartao|itoken}"),
    (Cue::PayMethod, "{dados de pagamento|forma de pagamento|metodo de pagamento|dados bancarios|informacoes de pagamento|dados de cobranca|dados do cartao|cartao de credito}"),
    (Cue::Identity, "{sua identidade|seus dados|dados cadastrais|dados pessoais|informacoes cadastrais|seu cadastro|suas informacoes|informacoes pessoais|situacao cadastral|as informacoes|as informacoes abaixo}"),
    (Cue::Points, "{pontos|milhas|cashback}"),
    (Cue::Refund, "{restituicao|reembolso|estorno|ressarcimento|valores a receber|valor disponivel|saldo disponivel|devolucao|indenizacao|abono|fgts|beneficio}"),
    (Cue::Document, "{documento|arquivo|nota fiscal|intimacao|processo|boleto|comprovante|mandado|notificacao extrajudicial} {eletronica|eletronico|compartilhado|disponivel|numero|anexo|judicial|em|digital|pendente|foi}"),
    (Cue::Invoice, "{fatura|faturas|nota fiscal|boleto|boletos|cobranca}"),
    (Cue::Parcel, "{encomenda|encomendas|pacote|objeto postal|sua entrega|seu pedido|remessa}"),
    (Cue::Fee, "{taxa|taxas|tarifa|imposto|impostos|tributo|multa|debito|debitos|pendencia|pendencias}"),
    (Cue::Suspended, "{bloqueada|bloqueado|bloqueadas|bloqueio|suspensa|suspenso|suspensao|desativada|desativado|desativacao|cancelada|cancelado|encerrada|encerramento|restrita|restricao|limitada|inativa|inativo|expirou|expirada|expirado|excluida|cancelamento}"),
    (Cue::Alarm, "{novo acesso|acesso suspeito|atividade suspeita|atividade incomum|transacao suspeita|compra suspeita|compra aprovada|tentativa de acesso|acesso nao reconhecido|movimentacao suspeita|novo dispositivo|dispositivo desconhecido|acesso nao autorizado|nao reconheco|nao reconhece|alerta de seguranca|por seguranca|para sua seguranca|questoes de seguranca|medida de seguranca|fraude|irregularidade|irregularidades|inconsistencia|inconsistencias|se nao foi voce|identificamos que|detectamos|identificamos um*|constatamos}"),
    (Cue::PayFail, "{pagamento|cobranca|transacao|cartao} {recusado|recusada|nao|falhou|pendente|foi recusado|nao foi|em atraso|em aberto}
        {nao conseguimos|nao foi possivel} {processar|cobrar|renovar|concluir|validar|debitar}
        {problema com|problemas com} {o|seu|sua} {pagamento|cartao|cobranca}"),
    (Cue::Unverified, "{obrigatorio|obrigatoria|necessario|necessaria|precisa|deve|exige|pendente de|pendencia} {atualizar|confirmar|verificar|validar|regularizar|atualizacao|confirmacao|que voce|a atualizacao|realizar|o recadastramento|cadastral|ativar}
        {desatualizado|desatualizados|desatualizada|pendente|nao verificada|irregular}"),
    (Cue::StorageFull, "{armazenamento|espaco|caixa de correio|caixa|cota} {esta|cheio|cheia|quase|excedeu|lotada|insuficiente|atingiu}"),
    (Cue::HeldMail, "{mensagens|emails|e mails} {pendentes|retidos|retidas|nao entregues|bloqueadas|em espera}"),
    (Cue::Deadline, "{em ate|dentro de|nas proximas|no prazo de|em|prazo de|ate|ultimas} {24|48|72|12|2|3|5|um|dois|tres|hoje|amanha|23|o dia|dia|horas}
        {prazo|expira hoje|expiram em|vencem hoje|ultimo dia|ultimo aviso|ultima chance|ultima oportunidade|aviso final|valido ate|validos ate|ainda hoje|hoje mesmo|expirando|prestes a expirar|a vencer|prestes a vencer|aviso importante|ultimo lembrete}"),
    (Cue::Loss, "{evite|evitar|para evitar} {o|a|bloqueio|bloqueios|a suspensao|multa|cancelamento|transtornos|suspensao|que|multas|perda}
        {caso nao|caso contrario|se nao}
        {sera|serao|podera|poderao} {ser|bloqueada|bloqueado|suensa|suspensa|suspenso|cancelada|cancelado|desativada|excluida|perdidos|encerrada|bloqueadas}
        {nao perca|perda de|perdera|perder o|perder seus|sob pena}"),
    (Cue::Urgent, "{urgente|urgencia|imediatamente|imediato|imediata|o mais rapido possivel|o quanto antes|atencao|alerta|acao necessaria|com urgencia|importante}"),
    (Cue::GenericGreeting, "{prezado|prezada|prezado a|caro|cara|ola|estimado|estimada} {cliente|usuario|usuaria|a cliente|clientes|correntista|senhor|contribuinte|cidadao|assinante|a|beneficiario}
        {sr a|senhor a}"),
    (Cue::Greeting, "{prezado|prezada|caro|cara|ola|oi|bom dia|boa tarde|boa noite|estimado|prezados}"),
    (Cue::Closing, "{atenciosamente|cordialmente|abracos|um abraco|obrigado|obrigada|grato|saudacoes|att}"),
    (Cue::Disclaimer, "{esta mensagem|este e mail|este email} {e|pode|contem|e seus anexos|e confidencial|destina se}"),
    (Cue::Charged, "{compra aprovada|compra no valor|foi debitado|sera debitado|valor da compra|compra realizada|sera cobrado}"),
    (Cue::Dispute, "{caso nao reconheca|se nao reconhece|nao reconhece esta|para cancelar|cancelar a compra|contestar}"),
    (Cue::HelpLine, "{central de atendimento|suporte|0800|sac}"),
    (Cue::Fortune, "{milhoes|milhao|bilhoes} {de|dolares|euros|reais}
        {heranca|fundo de compensacao|doacao de|loteria|parente mais proximo|beneficiario de|fundos nao reclamados}"),
    (Cue::Share, "{proposta de negocio|proposta comercial|oportunidade de negocio|parceria de negocios|proposta de investimento|oferta de emprestimo|emprestimo de}"),
    (Cue::Stranger, "{meu nome e|eu sou o|eu sou a|sou advogado|me chamo|venho por meio desta|escrevo lhe}"),
    (Cue::Death, "{falecido|faleceu|falecida|viuva|cancer|orfaos|testamento}"),
    (Cue::Faith, "{deus|abencoe|caridade|obras de caridade}"),
    (Cue::Chosen, "{voce|seu email|seu e mail} {foi|ganhou|acaba de ganhar|recebeu um}
        {parabens|premiado|contemplado}"),
    (Cue::Hacked, "{eu hackeei|hackeei|invadi|tenho acesso|tive acesso|instalei um|obtive acesso}"),
    (Cue::Recorded, "{masturba*|sites adultos|site adulto|sites pornograficos|conteudo adulto|pornografi*|webcam|gravei um video|video intimo}"),
    (Cue::Coin, "{criptomoeda|criptomoedas}"),
    (Cue::Expose, "{seus amigos|sua familia|seus contatos|seus parentes|seus colegas|enviarei o video|sua reputacao|vou enviar|vou divulgar|todos os seus contatos}"),
    (Cue::Available, "{voce esta disponivel|esta disponivel|voce esta no escritorio|me envie seu whatsapp|me passa seu|seu numero de whatsapp}"),
    (Cue::Task, "{preciso que voce|preciso de um favor|uma tarefa|preciso da sua ajuda|preciso de sua ajuda}"),
    (Cue::GiftCard, "{cartoes presente|cartao presente|vale presente|gift card|gift cards|cartoes de presente}"),
    (Cue::BankChange, "{alterar|atualizar|mudar|mudanca de|alteracao de|novos|nova} {meus|minha|dados|conta|os|nossos|conta de} {dados bancarios|conta bancaria|bancarios|bancaria|salario|deposito}"),
    (Cue::Wire, "{transferencia bancaria|fazer uma transferencia|fazer um pix|realizar um pagamento|efetuar um pagamento|ted|pagamento urgente}"),
    (Cue::NoCall, "{estou em reuniao|estou em uma reuniao|nao posso falar|enviado do meu iphone|nao posso atender}"),
    (Cue::Secrecy, "{confidencial|sigilo|entre nos|mantenha em segredo}"),
    (Cue::PiiItem, "{nome completo|data de nascimento|endereco completo|cpf|rg|telefone|numero de telefone|numero da conta|nacionalidade|passaporte|profissao|estado civil|idade}"),
    (Cue::Warning, "{golpe|golpes|golpistas|nunca solicita|nunca solicitamos|nunca pedimos|nao solicita|nao solicitamos}"),
    (Cue::Unsubscribe, "{descadastrar|descadastre|cancelar inscricao|cancelar a inscricao|nao deseja mais receber|nao quiser mais receber|remover meu email|parar de receber|deixar de receber}"),
    (Cue::Browser, "{visualizar no navegador|ver no navegador|nao consegue visualizar|voce esta recebendo este|voce recebeu este|problemas para visualizar|versao online}"),
    (Cue::Newsletter, "{boletim informativo|leia mais|saiba mais|confira as novidades|newsletter}"),
    (Cue::Receipt, "{numero do pedido|codigo de rastreio|pedido confirmado|seu pedido foi|nota fiscal eletronica|foi entregue|saiu para entrega}"),
    (Cue::NoAction, "{nenhuma acao|desconsidere este|ignore este|por favor desconsidere|apenas ignore}"),
    (Cue::PurchaseOrder, "{ordem de compra|pedido de compra|solicitacao de cotacao|pedido de cotacao}"),
];
