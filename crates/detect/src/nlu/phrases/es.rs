//! Spanish.

use super::Phrases;
use crate::nlu::cue::Cue;

pub(super) const PHRASES: Phrases = &[
    (Cue::Verify, "{verifique|verificar|verifica|confirme|confirmar|confirma|valide|validar|valida|verificacion|autenticar|autentique}"),
    (Cue::Update, "{cambie su|cambia tu|cambiar la|actualice|actualizar|actualiza|actualizacion|renueve|renovar|renueva|corrija|regularice|regularizar}"),
    (Cue::SignIn, "{acceda|acceder|accede|inicie sesion|iniciar sesion|inicia sesion|ingrese|ingresar|ingresa|entre}"),
    (Cue::Restore, "{desbloquear|desbloquee|desbloquea|reactivar|reactive|reactiva|restaurar|restaure|restablecer|restablezca|recuperar|recupere|recupera|proteger|proteja}"),
    (Cue::Click, "{haga|haz|haciendo|hacer|pulse|pulsa|presione|dar|de} {clic|click|aqui|en}
        {siguiente enlace|enlace siguiente|enlace de abajo|enlace a continuacion|boton de abajo|siguiente boton|siga los pasos|siga las instrucciones|sigue los pasos|siguiente link|a traves del enlace}
        {verificar|confirmar|actualizar|acceder|pagar|activar|continuar|desbloquear|reclamar} {ahora|ya|aqui}"),
    (Cue::View, "{ver|abrir|descargar|consultar|visualizar|descargue|consulte|abra} {el|la|su|documento|factura|mensaje|archivo|adjunto|comprobante|notificacion|expediente}
        {documento adjunto|archivo adjunto|adjunto encontrara|se adjunta}"),
    (Cue::Claim, "{reclame|reclamar|reclama|canjee|canjear|canjea|reciba|recibir|solicite|solicitar|obtenga} {su|tu|el|la|sus|tus|ahora|premio|puntos|reembolso|aqui}"),
    (Cue::Call, "{llame|llamar|llamenos|llama|contacte|contactar|comuniquese|pongase en contacto} {a|al|con|nuestro|nos|inmediatamente|de|ahora}"),
    (Cue::Answer, "{responda|responder|respondame|contesteme|espero su|espero tu|esperando su|contacteme|pongase en contacto conmigo|quedo a la espera|en espera de su}"),
    (Cue::Send, "{envie|envieme|enviar|mande|mandeme|proporcione|facilite|indique|enviarme}"),
    (Cue::Pay, "{pague|pagar|abone|abonar|realice el pago|realizar el pago|efectuar el pago|pago pendiente|pago de}"),
    (Cue::Your, "{su|sus|tu|tus|vuestra}"),
    (Cue::Account, "{cuenta|cuentas|tarjeta|suscripcion|membresia|perfil|billetera|monedero|banca en linea|banca online|banca movil|banca electronica|icloud|acceso a}"),
    (Cue::Mailbox, "{buzon|buzon de correo|correo web|bandeja de entrada|cuenta de correo|correo electronico ha}"),
    (Cue::Secret, "{contrasena|contrasenas|clave|claves|codigo de seguridad|pin|credenciales|frase de recuperacion|frase semilla|datos de acceso|numero de tarjeta|clave de acceso}"),
    (Cue::PayMethod, "{metodo de pago|datos de pago|informacion de pago|forma de pago|datos bancarios|informacion de facturacion|datos de facturacion|datos de su tarjeta|datos de la tarjeta}"),
    (Cue::Identity, "{su identidad|tu identidad|sus datos|tus datos|su informacion|tu informacion|datos personales|informacion personal|informacion de la cuenta|datos de la cuenta}"),
    (Cue::Points, "{puntos|millas|recompensas} {expiran|caducan|vencen|acumulados|disponibles|a punto|canjeables|por}"),
    (Cue::Refund, "{reembolso|devolucion|reintegro|indemnizacion}"),
    (Cue::Document, "{documento|archivo|factura electronica|notificacion|expediente|citacion|comprobante} {compartido|pendiente|disponible|adjunto|judicial|electronica|electronico|seguro|importante|nuevo}"),
    (Cue::Invoice, "{factura|facturas|facturacion|comprobante de pago}"),
    (Cue::Parcel, "{paquete|paquetes|envio|su pedido|tu pedido|encomienda|paqueteria|su entrega}"),
    (Cue::Fee, "{tasa|tasas|gastos|costes|costos|tarifa|aranceles|derechos|multa|peaje|impuesto|impuestos}"),
    (Cue::Suspended, "{suspendida|suspendido|suspension|suspenderemos|bloqueada|bloqueado|bloqueo|bloquearemos|desactivada|desactivado|restringida|restringido|limitada|cerrada|cancelada|caducado|caducada|ha caducado|vencido|expirado|inhabilitada|deshabilitada|eliminada|retenido|retenida}"),
    (Cue::Alarm, "{actividad sospechosa|actividad inusual|acceso no autorizado|inicio de sesion sospechoso|inicio de sesion inusual|nuevo inicio de sesion|nuevo dispositivo|dispositivo desconocido|intento de acceso|cargo no reconocido|compra no reconocida|movimiento sospechoso|transaccion sospechosa|alerta de seguridad|por seguridad|motivos de seguridad|razones de seguridad|fraude|hemos detectado|hemos identificado|si no fue usted|si no has sido|si no reconoce|aviso de seguridad|irregularidades}"),
    (Cue::PayFail, "{pago|cobro|tarjeta|transaccion} {rechazado|rechazada|fallido|no|pendiente|fue rechazado|ha sido rechazado|denegado}
        {no hemos podido|no pudimos|no se ha podido|no se pudo|no podemos} {procesar|cobrar|renovar|entregar|realizar|completar|validar|verificar|entregarlo}
        {problema con|problemas con} {su|tu|el|la} {pago|tarjeta|facturacion|metodo|metodo de pago}"),
    (Cue::Unverified, "{debe|debera|tiene que|es necesario|es obligatorio|requiere|necesita|obligatoria|necesitamos que|le solicitamos|le pedimos} {que|} {verificar|confirmar|actualizar|validar|verifique|confirme|actualice|activar|una verificacion|una actualizacion}
        {no verificada|sin verificar|verificacion requerida|accion requerida|datos desactualizados}"),
    (Cue::StorageFull, "{almacenamiento|espacio|buzon|cuota|bandeja} {esta|lleno|llena|en icloud|casi|ha superado|agotado|ha alcanzado|insuficiente|de icloud}
        {quedando sin espacio|sin espacio}"),
    (Cue::HeldMail, "{mensajes|correos} {pendientes|retenidos|no entregados|bloqueados|en espera}"),
    (Cue::Deadline, "{en|dentro de|en las proximas|antes de|plazo de|en un plazo de|en menos de} {24|48|72|12|las proximas|los proximos|2|3|5|tres|dos|un plazo}
        {ultimo aviso|ultimo recordatorio|aviso final|fecha limite|hoy mismo|caduca hoy|vence hoy|ultima oportunidad|ultima notificacion|antes del|a mas tardar|antes de que|hasta el}"),
    (Cue::Loss, "{evite|evitar|para evitar} {la|el|que|cualquier|suspension|cargos|bloqueo|una|interrupciones|recargos}
        {de lo contrario|en caso contrario|si no}
        {sera|seran|podria|podra} {ser|suspendida|bloqueada|eliminada|eliminados|cancelada|cerrada|devuelto|desactivada|suspendido|limitada}
        {perdera|perder|perdida de|se eliminen|permanentemente|definitivamente}"),
    (Cue::Urgent, "{urgente|urgentemente|inmediatamente|inmediata|inmediato|lo antes posible|cuanto antes|atencion|alerta|importante|accion inmediata}"),
    (Cue::GenericGreeting, "{estimado|estimada|estimado a|apreciado|querido|hola|distinguido} {cliente|usuario|usuaria|clienta|a cliente|cliente a|miembro|senor|contribuyente|beneficiario|amigo|socio}"),
    (Cue::Greeting, "{estimado|estimada|hola|querido|querida|buenos dias|buenas tardes|buenas noches|estimados|apreciado}"),
    (Cue::Closing, "{atentamente|saludos|un saludo|cordialmente|gracias|muchas gracias|saludos cordiales|un cordial saludo}"),
    (Cue::Disclaimer, "{este mensaje|este correo|este correo electronico} {es|y sus|puede|contiene|y cualquier}"),
    (Cue::Renewal, "{renovacion automatica|se ha renovado|renovacion de su|suscripcion se renovara}"),
    (Cue::Charged, "{se ha cargado|se cargara|cargo de|ha sido cobrado|se le ha cobrado|importe de|compra por}"),
    (Cue::Dispute, "{si no reconoce|si no ha realizado|para cancelar|cancelar el pedido|cancelar la suscripcion|no autorizo|si no autorizo}"),
    (Cue::HelpLine, "{atencion al cliente|servicio al cliente|linea de ayuda|soporte tecnico}"),
    (Cue::Fortune, "{millones|millon} {de|dolares|euros}
        {herencia|fondo de compensacion|donacion de|loteria|pariente mas cercano|beneficiario de|fondos no reclamados}"),
    (Cue::Share, "{propuesta de negocio|propuesta comercial|oportunidad de negocio|oferta de prestamo|prestamo de|prestamos a|inversion en su}"),
    (Cue::Stranger, "{mi nombre es|soy el senor|soy la senora|soy abogado|me llamo|le escribo para|me dirijo a usted}"),
    (Cue::Death, "{difunto|fallecio|fallecido|fallecida|viuda|cancer|huerfanos|testamento}"),
    (Cue::Faith, "{dios|bendiga|caridad|obras de caridad}"),
    (Cue::Chosen, "{ha sido|has sido|usted ha sido|fue|eres el} {seleccionado|seleccionada|elegido|elegida|agraciado|premiado|ganador}
        {felicidades|enhorabuena|felicitaciones|ha ganado|has ganado}"),
    (Cue::Hacked, "{he hackeado|hackee|tengo acceso|tuve acceso|he instalado|instale un|he obtenido acceso|he infectado}"),
    (Cue::Recorded, "{masturb*|sitios para adultos|sitios porno*|pagina para adultos|paginas porno*|contenido para adultos|camara web|grabe un video|video intimo}"),
    (Cue::Coin, "{criptomoneda|criptomonedas}"),
    (Cue::Expose, "{sus amigos|tus amigos|su familia|tu familia|tus contactos|sus contactos|todos tus|su reputacion|tu reputacion|enviare el video|publicare|difundire}"),
    (Cue::Available, "{estas disponible|esta disponible|esta usted disponible|estas en la oficina|envieme su numero|enviame tu numero|tienes un momento|tiene un momento}"),
    (Cue::Task, "{necesito que|necesito un favor|una tarea|necesito su ayuda|necesito tu ayuda}"),
    (Cue::GiftCard, "{tarjetas de regalo|tarjeta de regalo|tarjetas regalo|tarjeta regalo}"),
    (Cue::BankChange, "{cambiar|actualizar|modificar|cambio de|nueva|nuevos} {mi|mis|nuestra|nuestros|cuenta|datos|la} {cuenta bancaria|datos bancarios|bancaria|bancarios|nomina|cuenta de nomina}"),
    (Cue::Wire, "{transferencia bancaria|hacer una transferencia|realizar una transferencia|realizar un pago|pago urgente|efectuar un pago}"),
    (Cue::NoCall, "{estoy en una reunion|estoy reunido|no puedo hablar|no puedo atender|enviado desde mi iphone}"),
    (Cue::Secrecy, "{confidencial|confidencialidad|entre nosotros|mantengalo en secreto|discrecion}"),
    (Cue::PiiItem, "{nombre completo|fecha de nacimiento|direccion completa|numero de telefono|telefono movil|numero de cuenta|nacionalidad|pasaporte|ocupacion|estado civil|dni|edad}"),
    (Cue::Warning, "{estafa|estafas|estafadores|nunca le pediremos|nunca solicitamos|nunca solicita|nunca pedimos}"),
    (Cue::Unsubscribe, "{darse de baja|darme de baja|dar de baja|cancelar suscripcion|cancelar la suscripcion|cancelar su suscripcion|no desea recibir|no deseas recibir|dejar de recibir}"),
    (Cue::Browser, "{ver en el navegador|ver en navegador|no ves este mensaje|no puede ver este|version web|ver aqui|recibe este correo|recibes este correo|has recibido este}"),
    (Cue::Newsletter, "{boletin|leer mas|lee mas|saber mas|novedades}"),
    (Cue::Receipt, "{numero de pedido|numero de seguimiento|confirmacion de pedido|pedido confirmado|ha sido entregado|en reparto}"),
    (Cue::NoAction, "{no es necesario realizar|ignore este|ignora este|no tiene que hacer nada|haga caso omiso}"),
    (Cue::PurchaseOrder, "{orden de compra|pedido de compra|solicitud de cotizacion|solicitud de presupuesto}"),
];
